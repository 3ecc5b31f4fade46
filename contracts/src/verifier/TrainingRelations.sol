// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {Scalar, Scalars, ZERO, ONE, HALF} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {Circuit, Evaluation, Integrand} from "./Circuit.sol";
import {Openings} from "./Opening.sol";
import {TrainingProof} from "./Training.sol";
import {Vectors} from "./Vectors.sol";

/// The linear relations (section 3), batched with powers of xi: `target` is the sum of their right-hand sides, `mask` the
/// functional l' of m; TrainingRows has the weights of the committed vectors.
///
/// Terms of S1a are numbered f_1..f_L, b_2..b_L: f_i is i - 1, b_i is L + i - 2; those of S1b go on with o_i = 2L - 2 + i.
library TrainingRelations {
    using Vectors for Scalar[];
    using Vectors for uint256[];
    using Scalars for Scalar;

    // positions of the relations: R-X 0.., R-S1A 2L-1, R-AD 2L.., R-S1B 8L-2, R-S2 8L-1, R-COL 8L.., then as below

    function powersOfXi(TrainingProof memory proof, Scalar xi) internal pure returns (Scalar[] memory) {
        unchecked {
            return xi.powers(linkRelation(proof) + proof.program.layers + 1);
        }
    }

    /// Position of the first R-LINK; R-TAB is before it, R-COUNT and R-DEG are the last two.
    function linkRelation(TrainingProof memory proof) internal pure returns (uint256) {
        unchecked {
            return 8 * proof.program.layers + proof.values2.length + (proof.program.sigmoid ? 1 : 0);
        }
    }

    /// y' = 2^c s3
    function scaledLast(TrainingProof memory proof) internal pure returns (Scalar) {
        return Scalars.powerOfTwo(proof.lay.c) * proof.last3;
    }

    // --- right-hand sides ------------------------------------------------------------------------------------------------

    function target(TrainingProof memory proof) internal pure returns (Scalar y) {
        y = _targetX(proof) + _targetS1a(proof) + _targetAD(proof) + _targetS1b(proof) + _targetS2(proof);
        unchecked {
            uint256 L = proof.program.layers;
            Scalar[] memory xi = proof.xi;
            Scalar[] memory values = proof.values2;
            for (uint256 k = 0; k < values.length; ++k) {
                y = y + xi.get(8 * L + k) * values.get(k); // R-COL
            }
            uint256 link = linkRelation(proof);
            if (proof.program.sigmoid) y = y + xi.get(link - 1) * proof.tableValue; // R-TAB
            y = y + xi.get(link + L - 1) * Scalars.from(proof.statement.count); // R-COUNT
            y = y + xi.get(link + L) * proof.degreeValue; // R-DEG
        }
    }

    /// The constant 2^fa eqbits(d_i, point) of an activation claim of layer i.
    function _bias(Program memory p, uint256 i, Scalar[] memory point, uint256 pos, uint256 n) private pure returns (Scalar) {
        return Scalars.powerOfTwo(p.activationBits) * Multilinear.eqBits(p.dims.get(i), point, pos, n);
    }

    /// R-X
    function _targetX(TrainingProof memory proof) private pure returns (Scalar y) {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 L = proof.program.layers;
            for (uint256 k = 0; k < 2 * L - 1; ++k) {
                Scalar value = proof.valuesA.get(2 * k);
                if (k < L) value = value - _bias(proof.program, k, proof.ra, lay.tb, lay.I.get(k + 1));
                y = y + proof.xi.get(k) * value;
            }
        }
    }

    /// Variables of an S1a term: tb + I_i or tb + J_i.
    function variables(TrainingProof memory proof, uint256 k) internal pure returns (uint256) {
        unchecked {
            uint256 L = proof.program.layers;
            return proof.lay.tb + (k < L ? proof.lay.I.get(k + 1) : proof.lay.J.get(k + 2 - L));
        }
    }

    /// R-S1A: last - eq(rho_t, ra_t) sum_k eta^k X_k W_k - 2^(F-1) sum_k eta^k 2^-nv_k
    function _targetS1a(TrainingProof memory proof) private pure returns (Scalar) {
        unchecked {
            uint256 L = proof.program.layers;
            Scalar power = ONE;
            Scalar f;
            Scalar halves;
            for (uint256 k = 0; k < 2 * L - 1; ++k) {
                f = f + power * proof.valuesA.get(2 * k) * proof.valuesA.get(2 * k + 1);
                halves = halves + power * HALF.pow(variables(proof, k));
                power = power * proof.eta;
            }
            f = f * Multilinear.eq(proof.rho, 0, proof.ra, 0, proof.lay.tb);
            halves = halves * Scalars.powerOfTwo(proof.program.weightBits - 1);
            return proof.xi.get(2 * L - 1) * (proof.lastA - f - halves);
        }
    }

    /// R-AD
    function _targetAD(TrainingProof memory proof) private pure returns (Scalar y) {
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
                    value = value - _bias(p, i - 1, proof.u, prefixLength(lay, i), lay.I.get(i));
                }
                y = y + proof.xi.get(2 * L + 2 * k) * value + proof.xi.get(2 * L + 2 * k + 1) * proof.valuesB.get(2 * k + 1);
            }
        }
    }

    /// Variables of the weight table before those of layer i.
    function prefixLength(Layout memory lay, uint256 i) internal pure returns (uint256) {
        unchecked {
            return lay.wv + lay.c - lay.I.get(i) - lay.J.get(i);
        }
    }

    /// R-S1B: last - f(values) + sum_k co_k W_k, co_k = -2^-n kappa^k
    function _targetS1b(TrainingProof memory proof) private pure returns (Scalar) {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 L = proof.program.layers;
            Scalar[] memory values = proof.valuesB;
            Scalar power = ONE;
            Scalar inner; // f and b terms, to be multiplied with lt
            Scalar weights;
            for (uint256 k = 0; k < 2 * L - 1; ++k) {
                inner = inner + power * values.get(2 * k) * values.get(2 * k + 1);
                weights = weights + power * proof.valuesA.get(2 * k + 1);
                power = power * proof.kappa;
            }
            Scalar f = Multilinear.lt(proof.rb, proof.ra, lay.tb) * inner + power * _outer(proof);
            f = f * Scalars.from(proof.program.rate) + weights * HALF.pow(lay.tb + lay.bb);
            return proof.xi.get(8 * L - 2) * (proof.lastB - f);
        }
    }

    /// o terms of f(values), without k and the power of kappa
    function _outer(TrainingProof memory proof) private pure returns (Scalar sum) {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 L = proof.program.layers;
            for (uint256 i = 1; i <= L; ++i) {
                uint256 k = 2 * (2 * L - 2 + i);
                Scalar prefix = Multilinear.eqBits(lay.weights.get(i), proof.u, 0, prefixLength(lay, i));
                sum = sum + prefix * proof.valuesB.get(k) * proof.valuesB.get(k + 1);
            }
        }
    }

    /// R-S2
    function _targetS2(TrainingProof memory proof) private pure returns (Scalar) {
        unchecked {
            Evaluation memory at2;
            at2.program = proof.program;
            at2.lay = proof.lay;
            at2.challenges = proof.lookup;
            at2.publics = Circuit.publics(proof.program, proof.lay, proof.lookup.gamma, proof.r2, proof.tableValue);
            at2.values = proof.values2;
            Integrand memory f = Circuit.training(at2);
            Scalar value = f.total * Multilinear.eq(proof.tau, 0, proof.r2, 0, proof.lay.c) + f.sumHelpers;
            return proof.xi.get(8 * proof.program.layers - 1) * (proof.last2 - value);
        }
    }

    // --- the functional of m ---------------------------------------------------------------------------------------------

    /// l' = l + 2^c g_3(r3) - sigma_3
    function mask(TrainingProof memory proof) internal pure returns (Scalar[] memory m) {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 L = proof.program.layers;
            m = new Scalar[](lay.maskLength);
            Openings.closing(m, lay.maskA, lay.degreesA, proof.ra, proof.xi.get(2 * L - 1));
            Openings.closing(m, lay.maskB, lay.degreesB, proof.rb, proof.xi.get(8 * L - 2));
            Openings.closing(m, lay.mask2, lay.degrees2, proof.r2, proof.xi.get(8 * L - 1));
            Openings.closing(m, lay.mask3, lay.degrees3, proof.r3, Scalars.powerOfTwo(lay.c));
            _maskValues(proof, m);
            // update blinds of R-DEG: omega^v zeta^(N+j)
            Scalar power = proof.xi.get(linkRelation(proof) + L) * proof.zeta.pow(1 << lay.c);
            uint256 pos = lay.maskBlinds;
            Scalar blind = power;
            for (uint256 j = 0; j <= 2 * proof.program.openings; ++j) {
                m.set(pos++, blind);
                blind = blind * proof.zeta;
            }
            for (uint256 v = 1; v < lay.nW; ++v) {
                power = power * proof.omega;
                m.set(pos++, power);
            }
        }
    }

    /// A value's mask counts x (1 - x) times in its own relation; masks of W also in R-S1B.
    function _maskValues(TrainingProof memory proof, Scalar[] memory m) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 L = proof.program.layers;
            Scalar[] memory xi = proof.xi;
            Scalar x = proof.ra.get(0) * (ONE - proof.ra.get(0));
            Scalar weight = -(xi.get(8 * L - 2) * HALF.pow(lay.tb + lay.bb) * x);
            for (uint256 k = 0; k < 2 * L - 1; ++k) {
                m.set(lay.maskValuesA + 2 * k, xi.get(k) * x);
                m.set(lay.maskValuesA + 2 * k + 1, weight);
                weight = weight * proof.kappa;
            }
            x = proof.rb.get(0) * (ONE - proof.rb.get(0));
            for (uint256 k = 0; k < 2 * (3 * L - 1); ++k) {
                m.set(lay.maskValuesB + k, xi.get(2 * L + k) * x);
            }
            x = proof.r2.get(lay.c - 1);
            x = x * (ONE - x);
            for (uint256 k = 0; k < proof.values2.length; ++k) {
                m.set(lay.maskValues2 + k, xi.get(8 * L + k) * x);
            }
        }
    }
}
