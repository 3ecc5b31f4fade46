// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program, Programs, Loss} from "./Program.sol";
import {Region} from "./Layout.sol";
import {Scalar, Scalars, R} from "./Scalar.sol";
import {UnitWeight} from "./UnitWeights.sol";
import {Part} from "./TraceRows.sol";
import {Rows} from "./Rows.sol";
import {TrainingProof} from "./Training.sol";
import {TrainingRelations, Batch} from "./TrainingRelations.sol";
import {Vectors} from "./Vectors.sol";

/// What relations ask of one vector of a region: weights on columns.
struct Place {
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
        UnitWeight memory units = part.units;
        Scalar records = prefix * part.atRho;
        Place memory place = Place({
            vector: vector,
            stride: proof.lay.V,
            columns: w.columns,
            same: records * units.same,
            records: records,
            inputs: prefix * part.inputs,
            deltas: prefix * part.deltas
        });
        uint256 i = part.layer;
        if (kind == Region.FORWARD) {
            _product(proof, place, place.same * units.forward);
            if (i < proof.program.layers) _hidden(proof, b, place, i);
            else _output(proof, b, place, units);
        } else if (kind == Region.BACKWARD) {
            _product(proof, place, place.same * units.backward);
            _backward(proof, b, place, i);
        } else if (kind == Region.DERIVATIVE) {
            _derivative(proof, b, place, i);
        } else if (kind == Region.EXPONENTIAL) {
            _exponential(proof, b, place, units);
        } else if (kind == Region.QUOTIENT) {
            _quotient(proof, b, place);
        } else {
            _difference(proof, b, place);
        }
    }

    function _put(Place memory place, uint256 column, Scalar weight) private pure {
        unchecked {
            place.columns.add(column * place.stride + place.vector, weight);
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
    function _product(TrainingProof memory proof, Place memory place, Scalar weight) private pure {
        unchecked {
            Program memory p = proof.program;
            Scalar scaled = weight * Scalars.powerOfTwo(p.scaleBits);
            _put(place, 0, scaled);
            _put(place, 2, scaled);
            _limbs(place, proof.lay.limbs, p.remainderLimbs, weight, Scalars.powerOfTwo(p.limbBits));
        }
    }

    /// weight base^k on n columns from `column` on
    function _limbs(Place memory place, uint256 column, uint256 n, Scalar weight, Scalar base) private pure {
        Scalar[] memory columns = place.columns;
        uint256 stride = place.stride;
        uint256 first = column * stride + place.vector;
        assembly ("memory-safe") {
            let a := add(columns, shl(5, add(first, 1)))
            for { let k := 0 } lt(k, n) { k := add(k, 1) } {
                let entry := add(a, shl(5, mul(k, stride)))
                mstore(entry, addmod(mload(entry), weight, R))
                weight := mulmod(weight, base, R)
            }
        }
    }

    /// F_i: activations; s is linked to B_i or D_i
    function _hidden(TrainingProof memory proof, Batch memory b, Place memory place, uint256 i) private pure {
        unchecked {
            _put(place, proof.lay.a, place.inputs);
            _put(place, proof.lay.a + 1, b.xi.get(_links(proof.program, b, i)) * place.same);
        }
    }

    /// F_L: deltas, or what D_L, P_L, Q_L and H_L are linked to
    function _output(TrainingProof memory proof, Batch memory b, Place memory place, UnitWeight memory units) private pure {
        unchecked {
            Program memory p = proof.program;
            uint256 a = proof.lay.a;
            if (p.weighted()) _put(place, a, -(b.xi.get(b.outputLinks) * place.same));
            else _put(place, a + 1, place.deltas);
            if (p.loss == Loss.SOFTMAX) {
                uint256 k = TrainingRelations.softmaxLinks(p, b);
                _put(place, 0, b.xi.get(k) * place.records * units.maximum);
                _put(place, a, -(b.xi.get(k + 3) * place.same));
            } else if (p.loss == Loss.HUBER) {
                Scalar scale = Scalars.powerOfTwo(p.deltaBits - p.activationBits);
                _put(place, 0, -(b.xi.get(b.outputLinks) * scale * place.same));
                _put(place, a, -(b.xi.get(b.outputLinks + 1) * place.same));
            }
        }
    }

    /// B_i: deltas and s, or the q that D_i copies
    function _backward(TrainingProof memory proof, Batch memory b, Place memory place, uint256 i) private pure {
        unchecked {
            uint256 link = _links(proof.program, b, i);
            if (proof.program.smooth(i)) {
                _put(place, 0, b.xi.get(link + 1) * place.same);
            } else {
                _put(place, proof.lay.a, place.deltas);
                _put(place, proof.lay.a + 1, -(b.xi.get(link) * place.same));
            }
        }
    }

    /// D_i: deltas in q, copies in a and s; on D_L pred - y and w
    function _derivative(TrainingProof memory proof, Batch memory b, Place memory place, uint256 i) private pure {
        unchecked {
            uint256 a = proof.lay.a;
            _put(place, 0, place.deltas);
            if (i < proof.program.layers) {
                uint256 link = _links(proof.program, b, i);
                _put(place, a + 1, -(b.xi.get(link) * place.same));
                _put(place, a, -(b.xi.get(link + 1) * place.same));
            } else {
                _put(place, a, b.xi.get(b.outputLinks) * place.same);
                _put(place, a + 1, b.xi.get(b.outputLinks + 1) * place.same);
            }
        }
    }

    /// P_L: distances to the maximum, exponentials and their sum, one mark a record
    function _exponential(TrainingProof memory proof, Batch memory b, Place memory place, UnitWeight memory units) private pure {
        unchecked {
            uint256 k = TrainingRelations.softmaxLinks(proof.program, b);
            uint256 a = proof.lay.a;
            Scalar sum = place.records * units.below;
            _put(place, 0, b.xi.get(k) * place.records * units.maximum);
            _put(place, a, b.xi.get(k + 1) * place.same - b.xi.get(k + 2) * sum);
            _put(place, a + 1, b.xi.get(k + 4) * sum);
        }
    }

    /// Q_L: predictions, exponentials, their sum
    function _quotient(TrainingProof memory proof, Batch memory b, Place memory place) private pure {
        unchecked {
            uint256 k = TrainingRelations.softmaxLinks(proof.program, b);
            uint256 a = proof.lay.a;
            _put(place, a, -(b.xi.get(k + 1) * place.same));
            _put(place, a + 1, b.xi.get(k + 2) * place.same);
            _put(place, 0, b.xi.get(k + 3) * place.same);
        }
    }

    /// H_L: the difference and its clamp
    function _difference(TrainingProof memory proof, Batch memory b, Place memory place) private pure {
        unchecked {
            Scalar difference = b.xi.get(b.outputLinks) * place.same;
            _put(place, 0, difference);
            _put(place, 2, difference);
            _put(place, proof.lay.a, b.xi.get(b.outputLinks + 1) * place.same);
        }
    }
}
