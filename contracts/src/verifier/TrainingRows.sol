// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {Scalar, Scalars, ZERO, ONE, HALF} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {Schedule, BlockPoint} from "./Schedule.sol";
import {TrainingProof} from "./Training.sol";
import {TrainingRelations} from "./TrainingRelations.sol";
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

/// Weights of the committed vectors at r3: the left-hand sides of the batched relations. Terms and relations are numbered as in
/// TrainingRelations.
library TrainingRows {
    using Scalars for Scalar;
    using Vectors for Scalar[];
    using Vectors for uint256[];

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
            uint256 pos = TrainingRelations.prefixLength(lay, i);
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
                sum = sum - power * HALF.pow(TrainingRelations.variables(proof, k)) * weight;
                power = power * proof.eta;
            }
            sum = sum * proof.xi.get(2 * L - 1);
            Scalar scaled = sum * Scalars.powerOfTwo(p.weightBits);
            w.columns.add(0, scaled);
            w.columns.add(2, scaled);
            for (uint256 k = 0; k < p.remainderLimbs; ++k) {
                w.columns.add(lay.limbs + k, sum * Scalars.powerOfTwo(p.bits * k));
            }
            uint256 link = TrainingRelations.linkRelation(proof);
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
            w.slotsAll = proof.xi.get(TrainingRelations.linkRelation(proof) + proof.program.layers - 1) * valid;
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
            Scalar degree = proof.xi.get(TrainingRelations.linkRelation(proof) + L) * Multilinear.powersAt(proof.r3, proof.zeta);
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
                uint256 pos = TrainingRelations.prefixLength(proof.lay, i);
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
}
