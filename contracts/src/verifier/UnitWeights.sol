// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scalar, Scalars, ZERO} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {TrainingProof} from "./Training.sol";
import {TrainingRelations, Batch} from "./TrainingRelations.sol";
import {Vectors} from "./Vectors.sol";

/// What the relations ask of a layer's units j, as weights at r3's variables of j.
struct UnitWeight {
    // R-X, R-AD: claims about the layer's activations, and about its deltas, counted at (ra_t, rho_b) and at (rb_t, rb_b)
    Scalar inputsA;
    Scalar inputsB;
    Scalar deltasA;
    Scalar deltasB;
    // R-S1A: factors of Z and E
    Scalar forward;
    Scalar backward;
    Scalar same; // eq(rho_j, j)
    Scalar used; // meq(rho_j, j, d_i)
    // layer L: [j < d_L], and meq(., rho_j, d_L) less its sum at j = 0
    Scalar below;
    Scalar maximum;
}

library UnitWeights {
    using Vectors for Scalar[];
    using Vectors for uint256[];
    using Scalars for Scalar;

    /// j: the last variables of `point`.
    function compute(TrainingProof memory proof, Batch memory b, uint256 i, Scalar[] memory point, UnitWeight memory w)
        internal
        pure
    {
        w.used = _used(proof, i, proof.rhoJ[i], 1, point);
        _deltas(proof, b.xi, i, point, w);
        _factors(proof, b.xi, i, w);
        if (i < proof.program.layers) _inputs(proof, b.xi, i, point, w);
        _atRho(proof, i, point, w);
    }

    /// Weights of R-S1A and R-LINK
    function _atRho(TrainingProof memory proof, uint256 i, Scalar[] memory point, UnitWeight memory w) private pure {
        unchecked {
            uint256 n = proof.lay.J.get(i);
            uint256 j = point.length - n;
            Scalar[] memory rho = proof.rhoJ[i];
            w.same = Multilinear.eq(rho, 1, point, j, n);
            if (i < proof.program.layers) return;
            uint256 d = proof.program.dims.get(i);
            w.below = Multilinear.mlt(point, j, n, d);
            w.maximum = w.used - Multilinear.mlt(rho, 1, n, d) * Multilinear.eqBits(0, point, j, n);
        }
    }

    /// f_i at rho_j(i), b_i at ra's inner variables, o_i at the last variables of u
    function _deltas(TrainingProof memory proof, Scalar[] memory xi, uint256 i, Scalar[] memory point, UnitWeight memory w)
        private
        pure
    {
        unchecked {
            uint256 L = proof.program.layers;
            w.deltasB = xi.get(2 * L + 2 * (i - 1) + 1) * w.used;
            if (i > 1) {
                uint256 k = L + i - 2;
                Scalar inner = _used(proof, i, proof.ra, proof.lay.tb, point);
                w.deltasA = xi.get(k) * inner;
                w.deltasB = w.deltasB + xi.get(2 * L + 2 * k + 1) * inner;
            }
            uint256 pos = TrainingRelations.prefixLength(proof.lay, i) + proof.lay.I.get(i);
            w.deltasB = w.deltasB + xi.get(2 * L + 2 * (2 * L - 2 + i) + 1) * _used(proof, i, proof.u, pos, point);
        }
    }

    /// f_{i+1} at ra's inner variables, b_{i+1} at zeros and rho_j(i), o_{i+1} at variables of u
    function _inputs(TrainingProof memory proof, Scalar[] memory xi, uint256 i, Scalar[] memory point, UnitWeight memory w)
        private
        pure
    {
        unchecked {
            uint256 L = proof.program.layers;
            w.inputsB = xi.get(2 * L + 2 * (L + i - 1)) * w.used;
            Scalar inner = _padded(proof, i, proof.ra, proof.lay.tb, point);
            w.inputsA = xi.get(i) * inner;
            w.inputsB = w.inputsB + xi.get(2 * L + 2 * i) * inner;
            inner = _padded(proof, i, proof.u, TrainingRelations.prefixLength(proof.lay, i + 1), point);
            w.inputsB = w.inputsB + xi.get(2 * L + 2 * (2 * L - 1 + i)) * inner;
        }
    }

    /// The units of layer i read at the variables of `source` from `pos` on.
    function _used(TrainingProof memory proof, uint256 i, Scalar[] memory source, uint256 pos, Scalar[] memory point)
        private
        pure
        returns (Scalar)
    {
        unchecked {
            uint256 j = proof.lay.tb + proof.lay.bb;
            return Multilinear.meq(source, pos, point, j, proof.lay.J.get(i), proof.program.dims.get(i));
        }
    }

    /// The same with variables of the next layer's inputs, which may be one more.
    function _padded(TrainingProof memory proof, uint256 i, Scalar[] memory source, uint256 pos, Scalar[] memory point)
        private
        pure
        returns (Scalar)
    {
        unchecked {
            uint256 lead = proof.lay.I.get(i + 1) - proof.lay.J.get(i);
            return Multilinear.eqBits(0, source, pos, lead) * _used(proof, i, source, pos + lead, point);
        }
    }

    /// Lin_a: -2^-nv_k eta^k of f_i and of b_{i+1}
    function _factors(TrainingProof memory proof, Scalar[] memory xi, uint256 i, UnitWeight memory w) private pure {
        unchecked {
            uint256 L = proof.program.layers;
            w.forward = _factor(proof, i - 1) * xi.get(2 * L - 1);
            w.backward = i < L ? _factor(proof, L + i - 1) * xi.get(2 * L - 1) : ZERO;
        }
    }

    function _factor(TrainingProof memory proof, uint256 k) private pure returns (Scalar) {
        return -(proof.eta.pow(k) * Scalars.halved(TrainingRelations.variables(proof, k)));
    }
}
