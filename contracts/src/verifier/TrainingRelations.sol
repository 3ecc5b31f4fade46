// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {Scalar, Scalars, ZERO, ONE, HALF} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {Circuit, Evaluation, Integrand} from "./Circuit.sol";
import {Schedule, BlockPoint} from "./Schedule.sol";
import {Openings} from "./Opening.sol";
import {TrainingProof} from "./Training.sol";
import {Vectors} from "./Vectors.sol";

/// Coefficients of the committed vectors in `a = sum_row w_row(r3) P_row` (section 3, S3).
struct Rows {
    Scalar[] columns; // trace columns, then helpers
    Scalar[] data; // [D]
    Scalar[] start; // [W_0]
    Scalar[] update; // [W_out]
    Scalar table; // the sigmoid's
    // weights of regions at r3 but for the variables of j, by layer: at (ra_t, rho_b), (rb_t, rb_b), and whole at (rho_t, rho_b, rho_j)
    Scalar[] atA;
    Scalar[] atB;
    Scalar[] atRho;
    // eqbits(prefix of region, leading variables of r3), by layer
    Scalar[] forward;
    Scalar[] backward;
    // weights of the record's slots, by the step and record they are read at: (ra_t, rho_b), (rb_t, rb_b), r2, all
    Scalar slotsA;
    Scalar slotsB;
    Scalar slots2;
    Scalar slotsAll;
}

/// An activation or delta claim of R-X and R-AD: read at the `n` variables of `point` from `pos` on, counted xA times at the step and
/// record (ra_t, rho_b), xB times at (rb_t, rb_b).
struct Claim {
    Scalar[] point;
    uint256 pos;
    uint256 n;
    Scalar xA;
    Scalar xB;
}

/// The linear relations (section 3), batched with powers of xi: `target` is the sum of their right-hand sides, `rows` the weights of
/// the committed vectors at r3, `mask` the functional l' of m.
///
/// Terms of S1a are numbered f_1..f_L, b_2..b_L: f_i is i - 1, b_i is L + i - 2; those of S1b go on with o_i = 2L - 2 + i.
library TrainingRelations {
    using Vectors for Scalar[];
    using Vectors for uint256[];
    using Scalars for Scalar;

    // positions of the relations: R-X 0.., R-S1A 2L-1, R-AD 2L.., R-S1B 8L-2, R-S2 8L-1, R-COL 8L.., then as below

    function powersOfXi(TrainingProof memory proof, Scalar xi) internal pure returns (Scalar[] memory) {
        unchecked {
            return xi.powers(_linkRelation(proof) + proof.program.layers + 1);
        }
    }

    /// Position of the first R-LINK; R-TAB is before it, R-COUNT and R-DEG are the last two.
    function _linkRelation(TrainingProof memory proof) private pure returns (uint256) {
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
            uint256 link = _linkRelation(proof);
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
    function _variables(TrainingProof memory proof, uint256 k) private pure returns (uint256) {
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
                halves = halves + power * HALF.pow(_variables(proof, k));
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
                    value = value - _bias(p, i - 1, proof.u, _prefixLength(lay, i), lay.I.get(i));
                }
                y = y + proof.xi.get(2 * L + 2 * k) * value + proof.xi.get(2 * L + 2 * k + 1) * proof.valuesB.get(2 * k + 1);
            }
        }
    }

    /// Variables of the weight table before those of layer i.
    function _prefixLength(Layout memory lay, uint256 i) private pure returns (uint256) {
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
                Scalar prefix = Multilinear.eqBits(lay.weights.get(i), proof.u, 0, _prefixLength(lay, i));
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

    // --- weights of the committed vectors at r3 --------------------------------------------------------------------------

    function rows(TrainingProof memory proof) internal pure returns (Rows memory w) {
        w.columns = new Scalar[](proof.lay.columns + proof.lay.helpers);
        _regions(proof, w);
        _claims(proof, w);
        _products(proof, w);
        _values(proof, w);
        _data(proof, w);
        _weights(proof, w);
    }

    /// Weights of regions at the points that relations read them at.
    function _regions(TrainingProof memory proof, Rows memory w) private pure {
        unchecked {
            uint256 L = proof.program.layers;
            w.atA = new Scalar[](L + 1);
            w.atB = new Scalar[](L + 1);
            w.atRho = new Scalar[](L + 1);
            w.forward = new Scalar[](L + 1);
            w.backward = new Scalar[](L + 1);
            for (uint256 i = 1; i <= L; ++i) {
                _region(proof, w, i);
            }
        }
    }

    function _region(TrainingProof memory proof, Rows memory w, uint256 i) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            Scalar[] memory r3 = proof.r3;
            uint256 t = lay.c - lay.J.get(i) - lay.bb - lay.tb;
            w.forward.set(i, Multilinear.eqBits(lay.forward.get(i), r3, 0, t));
            if (i < proof.program.layers) w.backward.set(i, Multilinear.eqBits(lay.backward.get(i), r3, 0, t));
            Scalar records = Multilinear.eq(proof.rho, lay.tb, r3, t + lay.tb, lay.bb);
            w.atA.set(i, records * Multilinear.eq(proof.ra, 0, r3, t, lay.tb));
            w.atB.set(i, Multilinear.eq(proof.rb, 0, r3, t, lay.tb + lay.bb));
            records = records * Multilinear.eq(proof.rho, 0, r3, t, lay.tb);
            w.atRho.set(i, records * Multilinear.eq(proof.rhoJ[i], 1, r3, lay.c - lay.J.get(i), lay.J.get(i)));
        }
    }

    /// R-X and R-AD: claims about activations and deltas.
    function _claims(TrainingProof memory proof, Rows memory w) private pure {
        unchecked {
            uint256 L = proof.program.layers;
            for (uint256 i = 1; i <= L; ++i) {
                _claimsF(proof, w, i);
                if (i > 1) _claimsB(proof, w, i);
                _claimsO(proof, w, i);
            }
        }
    }

    /// f_i: inputs at ra's inner variables, deltas at rho_j(i)
    function _claimsF(TrainingProof memory proof, Rows memory w, uint256 i) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            Scalar[] memory xi = proof.xi;
            uint256 k = i - 1;
            uint256 ad = 2 * (proof.program.layers + k);
            _activation(proof, w, k, Claim(proof.ra, lay.tb, lay.I.get(i), xi.get(k), xi.get(ad)));
            _delta(proof, w, i, Claim(proof.rhoJ[i], 1, lay.J.get(i), ZERO, xi.get(ad + 1)));
        }
    }

    /// b_i: inputs at zeros and rho_j(i-1), deltas at ra's inner variables
    function _claimsB(TrainingProof memory proof, Rows memory w, uint256 i) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            Scalar[] memory xi = proof.xi;
            uint256 k = proof.program.layers + i - 2;
            uint256 ad = 2 * (proof.program.layers + k);
            uint256 n = lay.I.get(i);
            _activation(proof, w, i - 1, Claim(proof.rhoJ[i - 1], 1 + lay.J.get(i - 1) - n, n, ZERO, xi.get(ad)));
            _delta(proof, w, i, Claim(proof.ra, lay.tb, lay.J.get(i), xi.get(k), xi.get(ad + 1)));
        }
    }

    /// o_i: at the last variables of u
    function _claimsO(TrainingProof memory proof, Rows memory w, uint256 i) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            Scalar[] memory xi = proof.xi;
            uint256 ad = 2 * (3 * proof.program.layers - 2 + i);
            uint256 pos = _prefixLength(lay, i);
            _activation(proof, w, i - 1, Claim(proof.u, pos, lay.I.get(i), ZERO, xi.get(ad)));
            _delta(proof, w, i, Claim(proof.u, pos + lay.I.get(i), lay.J.get(i), ZERO, xi.get(ad + 1)));
        }
    }

    /// A'_i without its constant.
    function _activation(TrainingProof memory proof, Rows memory w, uint256 i, Claim memory claim) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 d = proof.program.dims.get(i);
            if (i == 0) {
                Scalar slots = Multilinear.eqBits(0, proof.r3, lay.c - lay.rb, lay.rb - claim.n)
                    * Multilinear.meq(claim.point, claim.pos, proof.r3, lay.c - claim.n, claim.n, d);
                w.slotsA = w.slotsA + claim.xA * slots;
                w.slotsB = w.slotsB + claim.xB * slots;
                return;
            }
            uint256 j = lay.J.get(i);
            uint256 lead = claim.n - j;
            Scalar units = Multilinear.eqBits(0, claim.point, claim.pos, lead)
                * Multilinear.meq(claim.point, claim.pos + lead, proof.r3, lay.c - j, j, d);
            units = units * w.forward.get(i) * (claim.xA * w.atA.get(i) + claim.xB * w.atB.get(i));
            w.columns.add(lay.a, units);
        }
    }

    /// delta_i
    function _delta(TrainingProof memory proof, Rows memory w, uint256 i, Claim memory claim) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 j = claim.n;
            Scalar units = Multilinear.meq(claim.point, claim.pos, proof.r3, lay.c - j, j, proof.program.dims.get(i));
            units = units * (claim.xA * w.atA.get(i) + claim.xB * w.atB.get(i));
            if (i == proof.program.layers) w.columns.add(lay.a + 1, units * w.forward.get(i));
            else w.columns.add(lay.a, units * w.backward.get(i));
        }
    }

    /// Lin_a of R-S1A: q, ex and limbs at (rho_t, rho_b, rho_j); R-LINK: s there.
    function _products(TrainingProof memory proof, Rows memory w) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            Program memory p = proof.program;
            uint256 L = p.layers;
            Scalar sum; // of -2^-na eta^k 2^(na - nv_k) region weight
            Scalar power = ONE;
            for (uint256 k = 0; k < 2 * L - 1; ++k) {
                Scalar weight =
                    k < L ? w.forward.get(k + 1) * w.atRho.get(k + 1) : w.backward.get(k + 1 - L) * w.atRho.get(k + 1 - L);
                sum = sum - power * HALF.pow(_variables(proof, k)) * weight;
                power = power * proof.eta;
            }
            sum = sum * proof.xi.get(2 * L - 1);
            Scalar scaled = sum * Scalars.powerOfTwo(p.weightBits);
            w.columns.add(0, scaled);
            w.columns.add(2, scaled);
            for (uint256 k = 0; k < p.remainderLimbs; ++k) {
                w.columns.add(lay.limbs + k, sum * Scalars.powerOfTwo(p.bits * k));
            }
            uint256 link = _linkRelation(proof);
            for (uint256 i = 1; i < L; ++i) {
                Scalar s = proof.xi.get(link + i - 1) * w.atRho.get(i) * (w.forward.get(i) - w.backward.get(i));
                w.columns.add(lay.a + 1, s);
            }
        }
    }

    /// R-COL of columns and helpers, R-TAB: eq(r2, r3).
    function _values(TrainingProof memory proof, Rows memory w) private pure {
        unchecked {
            uint256 first = 8 * proof.program.layers;
            Scalar same = Multilinear.eq(proof.r2, 0, proof.r3, 0, proof.lay.c);
            for (uint256 k = 0; k < w.columns.length; ++k) {
                w.columns.add(k, proof.xi.get(first + k) * same);
            }
            if (proof.program.sigmoid) w.table = proof.xi.get(first + w.columns.length + 2) * same;
        }
    }

    /// What relations read of the dataset: layer 0's activations, y and v of R-COL, R-COUNT.
    function _data(TrainingProof memory proof, Rows memory w) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 slot = lay.c - lay.rb;
            Scalar valid = Multilinear.eqBits(lay.voff, proof.r3, slot, lay.rb);
            w.slotsAll = proof.xi.get(_linkRelation(proof) + proof.program.layers - 1) * valid;
            w.slots2 = _targets(proof, valid);
            // the variables of b; those of r2 lie before the last J_L
            uint256 b = slot - lay.bb;
            w.slotsA = w.slotsA * Multilinear.eq(proof.rho, lay.tb, proof.r3, b, lay.bb);
            w.slotsB = w.slotsB * Multilinear.eq(proof.rb, lay.tb, proof.r3, b, lay.bb);
            w.slots2 = w.slots2 * Multilinear.eq(proof.r2, lay.c - lay.J.get(proof.program.layers) - lay.bb, proof.r3, b, lay.bb);
            _blocks(proof, w);
        }
    }

    /// y and v: slots of targets and validity, where r2 lies in F_L.
    function _targets(TrainingProof memory proof, Scalar valid) private pure returns (Scalar) {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 L = proof.program.layers;
            uint256 j = lay.J.get(L);
            uint256 unit = lay.c - j;
            uint256 y = 8 * L + lay.columns + lay.helpers;
            Scalar slots = Multilinear.eqBits(lay.toff >> j, proof.r3, lay.c - lay.rb, lay.rb - j)
                * Multilinear.eq(proof.r2, unit, proof.r3, unit, j);
            slots = proof.xi.get(y) * slots + proof.xi.get(y + 1) * valid;
            return Multilinear.eqBits(lay.forward.get(L), proof.r2, 0, unit - lay.bb - lay.tb) * slots;
        }
    }

    /// The variables of the block, in every vector of the dataset.
    function _blocks(TrainingProof memory proof, Rows memory w) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            Scalar[] memory point = _vectorPoint(lay.dv, proof.r3);
            w.data = new Scalar[](lay.nD);
            uint256 pad = lay.c > lay.nd ? lay.c - lay.nd : 0;
            Scalar zeros = Multilinear.eqBits(0, proof.r3, 0, pad);
            for (uint256 v = 0; v < lay.nD; ++v) {
                _setVector(point, lay.dv, v);
                BlockPoint memory y = Schedule.rotate(lay, proof.statement.pi, proof.statement.beta, point, pad);
                w.data.set(v, zeros * _block(proof, w, y));
            }
        }
    }

    /// Slots times the schedule's weight at the steps they are read at.
    function _block(TrainingProof memory proof, Rows memory w, BlockPoint memory y) private pure returns (Scalar sum) {
        unchecked {
            Layout memory lay = proof.lay;
            Program memory p = proof.program;
            sum = w.slotsA * Schedule.weight(p, lay, y, proof.ra, 0);
            sum = sum + w.slotsB * Schedule.weight(p, lay, y, proof.rb, 0);
            sum = sum + w.slots2 * Schedule.weight(p, lay, y, proof.r2, lay.c - lay.J.get(p.layers) - lay.bb - lay.tb);
            sum = sum + w.slotsAll * Schedule.weight(p, y);
        }
    }

    /// n variables for a vector's number, then those of r3.
    function _vectorPoint(uint256 n, Scalar[] memory r3) private pure returns (Scalar[] memory point) {
        unchecked {
            point = new Scalar[](n + r3.length);
            for (uint256 k = 0; k < r3.length; ++k) {
                point.set(n + k, r3.get(k));
            }
        }
    }

    function _setVector(Scalar[] memory point, uint256 n, uint256 v) private pure {
        unchecked {
            for (uint256 k = 0; k < n; ++k) {
                point.set(k, Scalars.from((v >> (n - 1 - k)) & 1));
            }
        }
    }

    /// Lin_b of R-S1B: W_0 at the terms' points, W_0 - W_out at u; R-DEG: W_out at powers of zeta.
    function _weights(TrainingProof memory proof, Rows memory w) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 L = proof.program.layers;
            w.start = new Scalar[](lay.nW);
            w.update = new Scalar[](lay.nW);
            Scalar[] memory point = _vectorPoint(lay.wv, proof.r3);
            Scalar factor = -(proof.xi.get(8 * L - 2) * HALF.pow(lay.tb + lay.bb));
            Scalar[] memory kappa = proof.kappa.powers(2 * L);
            Scalar degree = proof.xi.get(_linkRelation(proof) + L) * Multilinear.powersAt(proof.r3, proof.zeta);
            for (uint256 v = 0; v < lay.nW; ++v) {
                _setVector(point, lay.wv, v);
                Scalar atU = factor * kappa.get(2 * L - 1) * Multilinear.eq(proof.u, 0, point, 0, point.length);
                w.start.set(v, factor * _layers(proof, point, kappa) + atU);
                w.update.set(v, degree - atU);
                degree = degree * proof.omega;
            }
        }
    }

    /// sum of kappa^k times the weight of term k's point (pin, pout) in the weight table
    function _layers(TrainingProof memory proof, Scalar[] memory point, Scalar[] memory kappa) private pure returns (Scalar sum) {
        unchecked {
            uint256 L = proof.program.layers;
            for (uint256 i = 1; i <= L; ++i) {
                uint256 pos = _prefixLength(proof.lay, i);
                Scalar weight = kappa.get(i - 1) * _termF(proof, point, pos, i);
                if (i > 1) weight = weight + kappa.get(L + i - 2) * _termB(proof, point, pos, i);
                sum = sum + Multilinear.eqBits(proof.lay.weights.get(i), point, 0, pos) * weight;
            }
        }
    }

    /// f_i: ra's inner variables, rho_j(i)
    function _termF(TrainingProof memory proof, Scalar[] memory point, uint256 pos, uint256 i) private pure returns (Scalar) {
        unchecked {
            uint256 n = proof.lay.I.get(i);
            return Multilinear.eq(proof.ra, proof.lay.tb, point, pos, n)
                * Multilinear.eq(proof.rhoJ[i], 1, point, pos + n, proof.lay.J.get(i));
        }
    }

    /// b_i: zeros and rho_j(i-1), ra's inner variables
    function _termB(TrainingProof memory proof, Scalar[] memory point, uint256 pos, uint256 i) private pure returns (Scalar) {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 n = lay.I.get(i);
            return Multilinear.eq(proof.rhoJ[i - 1], 1 + lay.J.get(i - 1) - n, point, pos, n)
                * Multilinear.eq(proof.ra, lay.tb, point, pos + n, lay.J.get(i));
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
            Scalar power = proof.xi.get(_linkRelation(proof) + L) * proof.zeta.pow(1 << lay.c);
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
