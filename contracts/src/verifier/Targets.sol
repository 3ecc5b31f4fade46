// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program, Loss} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {Scalar, Scalars, ONE} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {Integrand} from "./Circuit.sol";
import {TrainingCircuit, Evaluation} from "./TrainingCircuit.sol";
import {PublicFunctions} from "./Publics.sol";
import {Kernels} from "./Kernel.sol";
import {TrainingProof} from "./Training.sol";
import {TrainingRelations, Batch} from "./TrainingRelations.sol";
import {Vectors} from "./Vectors.sol";

/// The right-hand sides of the batched relations; numbers as in TrainingRelations.
library Targets {
    using Vectors for Scalar[];
    using Vectors for uint256[];
    using Scalars for Scalar;

    function sum(TrainingProof memory proof) internal pure returns (Scalar y) {
        Batch memory b = proof.batch;
        Scalar[] memory xi = b.xi;
        y = _products(proof, xi) + _s1a(proof, xi) + _factors(proof, xi) + _s1b(proof, xi) + _s2(proof, xi);
        unchecked {
            uint256 pos = 8 * proof.program.layers;
            for (uint256 k = 0; k < proof.values2.length; ++k) {
                y = y + xi.get(pos++) * proof.values2.get(k); // R-COL
            }
            for (uint256 k = 0; k < proof.tableValues.length; ++k) {
                y = y + xi.get(pos++) * proof.tableValues.get(k); // R-TAB
            }
            // R-LINK: one maximum; all others are zero
            if (proof.program.loss == Loss.SOFTMAX) y = y + xi.get(TrainingRelations.softmaxLinks(proof.program, b) + 4);
            y = y + xi.get(b.count) * Scalars.from(proof.statement.count); // R-COUNT
            y = y + xi.get(b.count + 1) * proof.degreeValue; // R-DEG
        }
    }

    /// The constant 2^fa eqbits(d_i, point) of an activation claim of layer i.
    function _bias(Program memory p, uint256 i, Scalar[] memory point, uint256 pos, uint256 n) private pure returns (Scalar) {
        return Scalars.powerOfTwo(p.activationBits) * Multilinear.eqBits(p.dims.get(i), point, pos, n);
    }

    /// R-X
    function _products(TrainingProof memory proof, Scalar[] memory xi) private pure returns (Scalar y) {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 L = proof.program.layers;
            for (uint256 k = 0; k < 2 * L - 1; ++k) {
                Scalar value = proof.valuesA.get(2 * k);
                if (k < L) value = value - _bias(proof.program, k, proof.ra, lay.tb, lay.I.get(k + 1));
                y = y + xi.get(k) * value;
            }
        }
    }

    /// R-S1A: last - eq(rho_t, ra_t) sum_k eta^k X_k W_k - 2^(F'-1) sum_k eta^k 2^-nv_k
    function _s1a(TrainingProof memory proof, Scalar[] memory xi) private pure returns (Scalar) {
        unchecked {
            uint256 L = proof.program.layers;
            Scalar power = ONE;
            Scalar f;
            Scalar halves;
            for (uint256 k = 0; k < 2 * L - 1; ++k) {
                f = f + power * proof.valuesA.get(2 * k) * proof.valuesA.get(2 * k + 1);
                halves = halves + power * Scalars.halved(TrainingRelations.variables(proof, k));
                power = power * proof.eta;
            }
            f = f * Multilinear.eq(proof.rho, 0, proof.ra, 0, proof.lay.tb);
            halves = halves * Scalars.powerOfTwo(proof.program.scaleBits - 1);
            return xi.get(2 * L - 1) * (proof.lastA - f - halves);
        }
    }

    /// R-AD
    function _factors(TrainingProof memory proof, Scalar[] memory xi) private pure returns (Scalar y) {
        unchecked {
            Layout memory lay = proof.lay;
            Program memory p = proof.program;
            uint256 L = p.layers;
            for (uint256 k = 0; k < 3 * L - 1; ++k) {
                Scalar value = proof.valuesB.get(2 * k);
                if (k < L) {
                    value = value - _bias(p, k, proof.ra, lay.tb, lay.I.get(k + 1));
                } else if (k < 2 * L - 1) {
                    uint256 i = k + 2 - L; // pin: zeros, then rho_j(i-1)
                    value = value - _bias(p, i - 1, proof.rhoJ[i - 1], 1 + lay.J.get(i - 1) - lay.I.get(i), lay.I.get(i));
                } else {
                    uint256 i = k + 2 - 2 * L;
                    value = value - _bias(p, i - 1, proof.u, TrainingRelations.prefixLength(lay, i), lay.I.get(i));
                }
                y = y + xi.get(2 * L + 2 * k) * value + xi.get(2 * L + 2 * k + 1) * proof.valuesB.get(2 * k + 1);
            }
        }
    }

    /// R-S1B: last - f(values) + sum_k co_k W_k, co_k = -2^-n kappa^k
    function _s1b(TrainingProof memory proof, Scalar[] memory xi) private pure returns (Scalar) {
        unchecked {
            Program memory p = proof.program;
            uint256 tb = proof.lay.tb;
            (Scalar inner, Scalar weights, Scalar power) = _inner(proof);
            Scalar f = Kernels.step(p, proof.ra, proof.rb, tb) * inner;
            f = f + Kernels.output(p, proof.rb, tb) * power * _outputs(proof);
            f = f + weights * Scalars.halved(tb + proof.lay.bb);
            return xi.get(8 * p.layers - 2) * (proof.lastB - f);
        }
    }

    /// f and b terms of f(values) without K; sum_k kappa^k W_k; the next power of kappa
    function _inner(TrainingProof memory proof) private pure returns (Scalar inner, Scalar weights, Scalar power) {
        unchecked {
            Scalar[] memory values = proof.valuesB;
            uint256 n = 2 * proof.program.layers - 1;
            power = ONE;
            for (uint256 k = 0; k < n; ++k) {
                inner = inner + power * values.get(2 * k) * values.get(2 * k + 1);
                weights = weights + power * proof.valuesA.get(2 * k + 1);
                power = power * proof.kappa;
            }
        }
    }

    /// o terms of f(values), without K and the power of kappa
    function _outputs(TrainingProof memory proof) private pure returns (Scalar total) {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 L = proof.program.layers;
            for (uint256 i = 1; i <= L; ++i) {
                uint256 k = 2 * (2 * L - 2 + i);
                uint256 prefix = lay.weights.get(i) >> (lay.I.get(i) + lay.J.get(i));
                Scalar weight = Multilinear.eqBits(prefix, proof.u, 0, TrainingRelations.prefixLength(lay, i));
                total = total + weight * proof.valuesB.get(k) * proof.valuesB.get(k + 1);
            }
        }
    }

    /// R-S2
    function _s2(TrainingProof memory proof, Scalar[] memory xi) private pure returns (Scalar) {
        unchecked {
            Evaluation memory at2;
            at2.program = proof.program;
            at2.lay = proof.lay;
            at2.challenges = proof.lookup;
            at2.publics = PublicFunctions.evaluate(proof.program, proof.lay, proof.lookup.gamma, proof.r2, proof.tableValues);
            at2.values = proof.values2;
            Integrand memory f = TrainingCircuit.integrand(at2);
            Scalar value = f.total * Multilinear.eq(proof.tau, 0, proof.r2, 0, proof.lay.c) + f.sumHelpers;
            return xi.get(8 * proof.program.layers - 1) * (proof.last2 - value);
        }
    }
}
