// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Layout, Layouts} from "./Layout.sol";
import {Scalar, Scalars} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {Kernels} from "./Kernel.sol";
import {Rows} from "./Rows.sol";
import {TrainingProof} from "./Training.sol";
import {Batch} from "./TrainingRelations.sol";
import {Vectors} from "./Vectors.sol";

/// Points (pin, pout) of the terms f_i and b_i in layer i's weights, and the powers of kappa they count with.
struct TermPoints {
    Scalar[] f;
    Scalar[] b;
    Scalar atF; // coefficient times eq of the variables within a vector
    Scalar atB;
}

/// Weights of W_0 and W_out at r3; numbers as in TrainingRelations.
library WeightRows {
    using Scalars for Scalar;
    using Vectors for Scalar[];
    using Vectors for uint256[];
    using Layouts for Layout;

    /// Lin_b of R-S1B: C W_0 at the terms' points, C_T W_0 - W_out at u; R-DEG: W_out at powers of zeta. Returns zeta^N.
    function add(TrainingProof memory proof, Batch memory batch, Rows memory w) internal pure returns (Scalar zetaN) {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 L = proof.program.layers;
            Scalar factor = -(batch.xi.get(8 * L - 2) * Scalars.halved(lay.tb + lay.bb));
            Scalar[] memory kappa = proof.kappa.powers(2 * L);
            zetaN = _output(proof, batch, w, factor * kappa.get(2 * L - 1));
            factor = factor * Kernels.decay(proof.program, proof.ra, lay.tb);
            for (uint256 i = 1; i <= L; ++i) {
                _layer(proof, w, i, factor, kappa);
            }
        }
    }

    /// factor (C_T W_0 - W_out) at u, and R-DEG
    function _output(TrainingProof memory proof, Batch memory batch, Rows memory w, Scalar factor)
        private
        pure
        returns (Scalar zetaN)
    {
        unchecked {
            Layout memory lay = proof.lay;
            factor = factor * Multilinear.eq(proof.u, lay.wv, proof.r3, 0, lay.n);
            Scalar lastDecay = Kernels.lastDecay(proof.program);
            Scalar degree;
            (degree, zetaN) = Multilinear.powersAt(proof.r3, proof.zeta);
            degree = degree * batch.xi.get(batch.count + 1);
            for (uint256 v = 0; v < lay.nW; ++v) {
                Scalar here = factor * Multilinear.eqBits(v, proof.u, 0, lay.wv);
                w.start.set(v, lastDecay * here);
                w.update.set(v, degree - here);
                degree = degree * proof.omega;
            }
        }
    }

    /// kappa^k factor for the terms of layer i
    function _layer(TrainingProof memory proof, Rows memory w, uint256 i, Scalar factor, Scalar[] memory kappa) private pure {
        unchecked {
            TermPoints memory terms = _points(proof, i);
            terms.atF = factor * kappa.get(i - 1);
            if (i > 1) terms.atB = factor * kappa.get(proof.program.layers + i - 2);
            _parts(proof, terms, w, i);
        }
    }

    /// The vectors that the layer lies in.
    function _parts(TrainingProof memory proof, TermPoints memory terms, Rows memory w, uint256 i) private pure {
        unchecked {
            uint256 bits = proof.lay.weightBits(i);
            uint256 n = proof.lay.n;
            uint256 cell = proof.lay.weights.get(i);
            uint256 lead = bits > n ? bits - n : 0; // variables that choose one of the layer's vectors
            _within(terms, proof.r3, lead, bits - lead, (cell & ((1 << n) - 1)) >> bits);
            for (uint256 part = 0; part < 1 << lead; ++part) {
                Scalar weight = terms.atF * Multilinear.eqBits(part, terms.f, 0, lead);
                if (i > 1) weight = weight + terms.atB * Multilinear.eqBits(part, terms.b, 0, lead);
                w.start.add((cell >> n) + part, weight);
            }
        }
    }

    /// The variables within a vector: a prefix, then the points' last `n`.
    function _within(TermPoints memory terms, Scalar[] memory r3, uint256 lead, uint256 n, uint256 prefix) private pure {
        unchecked {
            uint256 pos = r3.length - n;
            Scalar here = Multilinear.eqBits(prefix, r3, 0, pos);
            terms.atF = terms.atF * here * Multilinear.eq(terms.f, lead, r3, pos, n);
            if (terms.b.length != 0) terms.atB = terms.atB * here * Multilinear.eq(terms.b, lead, r3, pos, n);
        }
    }

    /// f_i: ra's inner variables, rho_j(i); b_i: zeros and rho_j(i-1), ra's inner variables.
    function _points(TrainingProof memory proof, uint256 i) private pure returns (TermPoints memory terms) {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 n = lay.I.get(i);
            uint256 m = lay.J.get(i);
            terms.f = new Scalar[](n + m);
            terms.f.copy(0, proof.ra, lay.tb, n);
            terms.f.copy(n, proof.rhoJ[i], 1, m);
            if (i == 1) return terms;
            terms.b = new Scalar[](n + m);
            terms.b.copy(0, proof.rhoJ[i - 1], 1 + lay.J.get(i - 1) - n, n);
            terms.b.copy(n, proof.ra, lay.tb, m);
        }
    }
}
