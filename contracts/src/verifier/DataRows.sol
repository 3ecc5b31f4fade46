// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program, Programs, Loss} from "./Program.sol";
import {Layout, Layouts, Region} from "./Layout.sol";
import {Scalar, Scalars, ZERO} from "./Scalar.sol";
import {Multilinear} from "./Multilinear.sol";
import {PublicFunctions} from "./Publics.sol";
import {Schedule, BlockPoint} from "./Schedule.sol";
import {Rows} from "./Rows.sol";
import {TrainingProof} from "./Training.sol";
import {TrainingRelations, Batch} from "./TrainingRelations.sol";
import {Vectors} from "./Vectors.sol";

/// Weights of the slots of a record at r3, of its number within a block, and of its block, by the step and record they are read at:
/// (ra_t, rho_b), (rb_t, rb_b), r2, (rho_t, rho_b), all.
struct DataWeights {
    Scalar slotsA;
    Scalar slotsB;
    Scalar slots2;
    Scalar slotsRho;
    Scalar slotsAll;
    Scalar recordsRho; // of A too
    Scalar recordsB;
    Scalar records2;
    Scalar stepsA;
    Scalar stepsB;
    Scalar steps2;
    Scalar stepsRho;
    Scalar stepsAll;
}

/// Weights of the dataset's vectors at r3: layer 0's activations, y and v of R-COL, y and w of R-LINK, R-COUNT.
library DataRows {
    using Vectors for Scalar[];
    using Vectors for uint256[];
    using Programs for Program;
    using Layouts for Layout;

    function add(TrainingProof memory proof, Batch memory b, Rows memory w) internal pure {
        DataWeights memory d;
        _features(proof, b, d);
        _targets(proof, b, d);
        _vectors(proof, w, d);
    }

    /// Layer 0's activations: f_1 at ra's inner variables, o_1 at variables of u.
    function _features(TrainingProof memory proof, Batch memory b, DataWeights memory d) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 L = proof.program.layers;
            uint256 n = lay.I.get(1);
            Scalar low = Multilinear.zeros(proof.r3, lay.n - lay.rb, lay.rb - n);
            Scalar slots = low * _inputs(proof, proof.ra, lay.tb, n);
            d.slotsA = b.xi.get(0) * slots;
            d.slotsB = b.xi.get(2 * L) * slots;
            slots = low * _inputs(proof, proof.u, TrainingRelations.prefixLength(lay, 1), n);
            d.slotsB = d.slotsB + b.xi.get(2 * L + 2 * (2 * L - 1)) * slots;
        }
    }

    /// The slots of features read at the n variables of `source` from `pos` on.
    function _inputs(TrainingProof memory proof, Scalar[] memory source, uint256 pos, uint256 n) private pure returns (Scalar) {
        unchecked {
            return Multilinear.meq(source, pos, proof.r3, proof.lay.n - n, n, proof.program.dims.get(0));
        }
    }

    /// Slots of targets and of validity.
    function _targets(TrainingProof memory proof, Batch memory b, DataWeights memory d) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            Program memory p = proof.program;
            uint256 j = lay.J.get(p.layers);
            Scalar valid = Multilinear.eqBits(lay.voff, proof.r3, lay.n - lay.rb, lay.rb);
            Scalar targets = Multilinear.eqBits(lay.toff >> j, proof.r3, lay.n - lay.rb, lay.rb - j);
            d.slotsAll = b.xi.get(b.count) * valid;
            _revealed(proof, b, targets, valid, d);
            if (p.weighted() || p.loss == Loss.HUBER) {
                Scalar y = targets * Multilinear.eq(proof.rhoJ[p.layers], 1, proof.r3, lay.n - j, j);
                d.slotsRho = b.xi.get(b.outputLinks) * y;
            }
            if (p.weighted()) d.slotsRho = d.slotsRho - b.xi.get(b.outputLinks + 1) * _lossWeights(proof, targets, valid);
        }
    }

    /// y and v where r2 lies in F_L
    function _revealed(TrainingProof memory proof, Batch memory b, Scalar targets, Scalar valid, DataWeights memory d)
        private
        pure
    {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 L = proof.program.layers;
            uint256 j = lay.J.get(L);
            uint256 k = 8 * L + lay.columns + lay.helpers;
            Scalar slots = b.xi.get(k) * targets * Multilinear.eq(proof.r2, lay.c - j, proof.r3, lay.n - j, j);
            slots = slots + b.xi.get(k + 1) * valid;
            d.slots2 = PublicFunctions.selector(lay, L, Region.FORWARD, proof.r2) * slots;
        }
    }

    /// w at rho(L)
    function _lossWeights(TrainingProof memory proof, Scalar targets, Scalar valid) private pure returns (Scalar) {
        unchecked {
            Program memory p = proof.program;
            uint256 j = proof.lay.J.get(p.layers);
            Scalar[] memory slots = Multilinear.eqTable(proof.r3, proof.lay.n - j, j);
            Scalar atTargets;
            if (p.oneHot) {
                for (uint256 k = 0; k < p.weights.length; ++k) {
                    atTargets = atTargets + slots.get(k) * Scalars.from(p.weights.get(k));
                }
                return targets * atTargets;
            }
            Scalar[] memory units = Multilinear.eqTable(proof.rhoJ[p.layers], 1, j);
            Scalar atValid;
            for (uint256 k = 0; 2 * k < p.weights.length; ++k) {
                Scalar negative = Scalars.from(p.weights.get(2 * k));
                Scalar positive = Scalars.from(p.weights.get(2 * k + 1));
                atValid = atValid + units.get(k) * negative;
                atTargets = atTargets + units.get(k) * slots.get(k) * (positive - negative);
            }
            return targets * atTargets + valid * Scalars.powerOfTwo(p.deltaBits) * atValid;
        }
    }

    /// Block by block, then, where a vector is shorter than a block, part by part.
    function _vectors(TrainingProof memory proof, Rows memory w, DataWeights memory d) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            uint256 lead = lay.dv < lay.nb ? lay.dv : lay.nb;
            uint256 inner = lay.dv - lead;
            // variables of block and record: those that choose the vector, then r3's; none of r3's first `pad` if a vector holds all
            uint256 pad = lay.n > lay.nd ? lay.n - lay.nd : 0;
            Scalar zeros = Multilinear.eqBits(0, proof.r3, 0, pad);
            Scalar[] memory point = new Scalar[](lay.nb + lay.bb);
            point.copy(lay.dv, proof.r3, pad, point.length - lay.dv);
            if (inner == 0) _records(proof, d, point);
            BlockPoint memory y = Schedule.start(lay);
            for (uint256 block_ = 0; block_ < 1 << lead; ++block_) {
                point.setBits(0, block_, lead);
                Schedule.rotate(y, lay, proof.statement.pi, proof.statement.beta, point);
                if (y.high == ZERO) continue; // a block that no step reads
                _steps(proof, d, y);
                for (uint256 part = 0; part < 1 << inner; ++part) {
                    if (inner != 0) {
                        point.setBits(lead, part, inner);
                        _records(proof, d, point);
                    }
                    w.data.set((block_ << inner) + part, zeros * _sum(d));
                }
            }
        }
    }

    function _steps(TrainingProof memory proof, DataWeights memory d, BlockPoint memory y) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            Program memory p = proof.program;
            d.stepsA = Schedule.weight(p, lay, y, proof.ra, 0);
            d.stepsB = Schedule.weight(p, lay, y, proof.rb, 0);
            d.steps2 = Schedule.weight(p, lay, y, proof.r2, lay.c - lay.regionBits(p.layers));
            if (!(d.slotsRho == ZERO)) d.stepsRho = Schedule.weight(p, lay, y, proof.rho, 0);
            d.stepsAll = Schedule.weight(p, y);
        }
    }

    /// The record's number within its block: the variables of `point` behind the block's.
    function _records(TrainingProof memory proof, DataWeights memory d, Scalar[] memory point) private pure {
        unchecked {
            Layout memory lay = proof.lay;
            d.recordsRho = Multilinear.eq(proof.rho, lay.tb, point, lay.nb, lay.bb);
            d.recordsB = Multilinear.eq(proof.rb, lay.tb, point, lay.nb, lay.bb);
            d.records2 = Multilinear.eq(proof.r2, lay.c - lay.J.get(proof.program.layers) - lay.bb, point, lay.nb, lay.bb);
        }
    }

    function _sum(DataWeights memory d) private pure returns (Scalar) {
        Scalar atRho = (d.slotsA * d.stepsA + d.slotsRho * d.stepsRho) * d.recordsRho;
        return atRho + d.slotsB * d.stepsB * d.recordsB + d.slots2 * d.steps2 * d.records2 + d.slotsAll * d.stepsAll;
    }
}
