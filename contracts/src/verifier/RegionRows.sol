// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program, Programs, Loss} from "./Program.sol";
import {Layout, Region} from "./Layout.sol";
import {Scalar, Scalars, ZERO} from "./Scalar.sol";
import {UnitWeight} from "./UnitWeights.sol";
import {Part} from "./TraceRows.sol";
import {Rows} from "./Rows.sol";
import {TrainingProof} from "./Training.sol";
import {TrainingRelations, Batch} from "./TrainingRelations.sol";
import {Vectors} from "./Vectors.sol";

/// What relations ask of one vector of a region: weights on columns.
struct Place {
    Scalar prefix; // weight of the row variables before t, b, j
    uint256 vector;
    uint256 stride; // V
    Scalar[] columns;
    // weights of rho(i), of (rho_t, rho_b), and of the claims about activations and deltas; all with the prefix
    Scalar same;
    Scalar records;
    Scalar inputs;
    Scalar deltas;
}

/// R-X, R-AD, R-S1A and R-LINK on one vector of a region.
library RegionRows {
    using Vectors for Scalar[];
    using Vectors for uint256[];
    using Programs for Program;

    function add(
        TrainingProof memory proof,
        Batch memory b,
        Rows memory w,
        Part memory part,
        uint256 kind,
        uint256 vector,
        Scalar prefix
    ) internal pure {
        Place memory at;
        at.vector = vector;
        at.stride = proof.lay.V;
        at.columns = w.columns;
        at.records = prefix * part.atRho;
        UnitWeight memory units = part.units;
        at.same = at.records * units.same;
        at.inputs = prefix * (units.inputsA * part.atA + units.inputsB * part.atB);
        at.deltas = prefix * (units.deltasA * part.atA + units.deltasB * part.atB);
        uint256 i = part.layer;
        if (kind == Region.FORWARD) {
            _product(proof, at, at.same * units.forward);
            if (i < proof.program.layers) _hidden(proof, b, at, i);
            else _output(proof, b, at, units);
        } else if (kind == Region.BACKWARD) {
            _product(proof, at, at.same * units.backward);
            _backward(proof, b, at, i);
        } else if (kind == Region.DERIVATIVE) {
            _derivative(proof, b, at, i);
        } else if (kind == Region.EXPONENTIAL) {
            _exponential(proof, b, at, units);
        } else if (kind == Region.QUOTIENT) {
            _quotient(proof, b, at);
        } else {
            _difference(proof, b, at);
        }
    }

    function _put(Place memory at, uint256 column, Scalar weight) private pure {
        unchecked {
            at.columns.add(column * at.stride + at.vector, weight);
        }
    }

    /// Position of the first R-LINK of a hidden layer.
    function _links(Program memory p, Batch memory b, uint256 i) private pure returns (uint256 pos) {
        unchecked {
            pos = b.links;
            for (uint256 k = 1; k < i; ++k) {
                pos += p.smooth(k) ? 2 : 1;
            }
        }
    }

    /// R-S1A: Z or E, from q, ex and the limbs of the remainder
    function _product(TrainingProof memory proof, Place memory at, Scalar weight) private pure {
        unchecked {
            Program memory p = proof.program;
            Scalar scaled = weight * Scalars.powerOfTwo(p.scaleBits);
            _put(at, 0, scaled);
            _put(at, 2, scaled);
            for (uint256 k = 0; k < p.remainderLimbs; ++k) {
                _put(at, proof.lay.limbs + k, weight * Scalars.powerOfTwo(p.limbBits * k));
            }
        }
    }

    /// F_i: activations; s is linked to B_i or D_i
    function _hidden(TrainingProof memory proof, Batch memory b, Place memory at, uint256 i) private pure {
        unchecked {
            _put(at, proof.lay.a, at.inputs);
            _put(at, proof.lay.a + 1, b.xi.get(_links(proof.program, b, i)) * at.same);
        }
    }

    /// F_L: deltas, or what D_L, P_L, Q_L and H_L are linked to
    function _output(TrainingProof memory proof, Batch memory b, Place memory at, UnitWeight memory units) private pure {
        unchecked {
            Program memory p = proof.program;
            uint256 a = proof.lay.a;
            if (p.weighted()) _put(at, a, -(b.xi.get(b.outputLinks) * at.same));
            else _put(at, a + 1, at.deltas);
            if (p.loss == Loss.SOFTMAX) {
                uint256 k = TrainingRelations.softmaxLinks(p, b);
                _put(at, 0, b.xi.get(k) * at.records * units.maximum);
                _put(at, a, -(b.xi.get(k + 3) * at.same));
            } else if (p.loss == Loss.HUBER) {
                Scalar scale = Scalars.powerOfTwo(p.deltaBits - p.activationBits);
                _put(at, 0, -(b.xi.get(b.outputLinks) * scale * at.same));
                _put(at, a, -(b.xi.get(b.outputLinks + 1) * at.same));
            }
        }
    }

    /// B_i: deltas and s, or the q that D_i copies
    function _backward(TrainingProof memory proof, Batch memory b, Place memory at, uint256 i) private pure {
        unchecked {
            uint256 link = _links(proof.program, b, i);
            if (proof.program.smooth(i)) {
                _put(at, 0, b.xi.get(link + 1) * at.same);
            } else {
                _put(at, proof.lay.a, at.deltas);
                _put(at, proof.lay.a + 1, -(b.xi.get(link) * at.same));
            }
        }
    }

    /// D_i: deltas in q, copies in a and s; on D_L pred - y and w
    function _derivative(TrainingProof memory proof, Batch memory b, Place memory at, uint256 i) private pure {
        unchecked {
            uint256 a = proof.lay.a;
            _put(at, 0, at.deltas);
            if (i < proof.program.layers) {
                uint256 link = _links(proof.program, b, i);
                _put(at, a + 1, -(b.xi.get(link) * at.same));
                _put(at, a, -(b.xi.get(link + 1) * at.same));
            } else {
                _put(at, a, b.xi.get(b.outputLinks) * at.same);
                _put(at, a + 1, b.xi.get(b.outputLinks + 1) * at.same);
            }
        }
    }

    /// P_L: distances to the maximum, exponentials and their sum, one mark a record
    function _exponential(TrainingProof memory proof, Batch memory b, Place memory at, UnitWeight memory units) private pure {
        unchecked {
            uint256 k = TrainingRelations.softmaxLinks(proof.program, b);
            uint256 a = proof.lay.a;
            Scalar sum = at.records * units.below;
            _put(at, 0, b.xi.get(k) * at.records * units.maximum);
            _put(at, a, b.xi.get(k + 1) * at.same - b.xi.get(k + 2) * sum);
            _put(at, a + 1, b.xi.get(k + 4) * sum);
        }
    }

    /// Q_L: predictions, exponentials, their sum
    function _quotient(TrainingProof memory proof, Batch memory b, Place memory at) private pure {
        unchecked {
            uint256 k = TrainingRelations.softmaxLinks(proof.program, b);
            uint256 a = proof.lay.a;
            _put(at, a, -(b.xi.get(k + 1) * at.same));
            _put(at, a + 1, b.xi.get(k + 2) * at.same);
            _put(at, 0, b.xi.get(k + 3) * at.same);
        }
    }

    /// H_L: the difference and its clamp
    function _difference(TrainingProof memory proof, Batch memory b, Place memory at) private pure {
        unchecked {
            Scalar difference = b.xi.get(b.outputLinks) * at.same;
            _put(at, 0, difference);
            _put(at, 2, difference);
            _put(at, proof.lay.a, b.xi.get(b.outputLinks + 1) * at.same);
        }
    }
}
