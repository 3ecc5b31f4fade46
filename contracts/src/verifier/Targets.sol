// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program, Loss} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {Scalar, Scalars, ZERO, ONE} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {Circuit, Integrand} from "./Circuit.sol";
import {TrainingCircuit, Evaluation} from "./TrainingCircuit.sol";
import {Publics, PublicFunctions} from "./Publics.sol";
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
        y = _claims(proof, xi) - _biases(proof, xi) + _s1a(proof, xi) + _s1b(proof, xi) + _s2(proof, xi);
        unchecked {
            uint256 pos = 8 * proof.program.layers;
            y = y + xi.dot(pos, proof.values2, 0, proof.values2.length); // R-COL
            y = y + xi.dot(pos + proof.values2.length, proof.tableValues, 0, proof.tableValues.length); // R-TAB
            // R-LINK: one maximum; all others are zero
            if (proof.program.loss == Loss.SOFTMAX) y = y + xi.get(TrainingRelations.softmaxLinks(proof.program, b) + 4);
            y = y + xi.get(b.count) * Scalars.from(proof.statement.count); // R-COUNT
            y = y + xi.get(b.count + 1) * proof.degreeValue; // R-DEG
        }
    }

    // An activation claim of layer i has the constant 2^fa eqbits(d_i, point), its bias.

    /// R-X, R-AD without biases
    function _claims(TrainingProof memory proof, Scalar[] memory xi) private pure returns (Scalar y) {
        unchecked {
            uint256 L = proof.program.layers;
            for (uint256 k = 0; k < 2 * L - 1; ++k) {
                y = y + xi.get(k) * proof.valuesA.get(2 * k);
            }
            y = y + xi.dot(2 * L, proof.valuesB, 0, proof.valuesB.length);
        }
    }

    /// Biases of R-X (f_i) and of R-AD (f_i, b_i, o_i)
    function _biases(TrainingProof memory proof, Scalar[] memory xi) private pure returns (Scalar y) {
        unchecked {
            Layout memory lay = proof.lay;
            uint256[] memory dims = proof.program.dims;
            uint256 L = proof.program.layers;
            for (uint256 i = 1; i <= L; ++i) {
                uint256 n = lay.I.get(i);
                uint256 d = dims.get(i - 1);
                // f_i at ra's inner variables, o_i at variables of u, b_i at zeros and rho_j(i-1)
                y = y + (xi.get(i - 1) + xi.get(2 * L + 2 * (i - 1))) * Multilinear.eqBits(d, proof.ra, lay.tb, n);
                uint256 pos = TrainingRelations.prefixLength(lay, i);
                y = y + xi.get(2 * L + 2 * (2 * L - 2 + i)) * Multilinear.eqBits(d, proof.u, pos, n);
                if (i == 1) continue;
                pos = 1 + lay.J.get(i - 1) - n;
                y = y + xi.get(2 * L + 2 * (L + i - 2)) * Multilinear.eqBits(d, proof.rhoJ[i - 1], pos, n);
            }
            y = Scalars.powerOfTwo(proof.program.activationBits) * y;
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
            Publics memory publics =
                PublicFunctions.evaluate(proof.program, proof.lay, proof.lookup.gamma, proof.r2, proof.tableValues);
            Evaluation memory at2 = Evaluation({
                program: proof.program,
                lay: proof.lay,
                challenges: proof.lookup,
                publics: publics,
                values: proof.values2,
                fractions: Circuit.start(proof.lay.helpers),
                remainder: ZERO,
                excess: ZERO
            });
            Integrand memory f = TrainingCircuit.integrand(at2);
            Scalar value = f.total * Multilinear.eq(proof.tau, 0, proof.r2, 0, proof.lay.c) + f.sumHelpers;
            return xi.get(8 * proof.program.layers - 1) * (proof.last2 - value);
        }
    }
}
