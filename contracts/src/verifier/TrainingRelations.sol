// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program, Programs, Loss} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {Scalar, Scalars} from "./Scalar.sol";
import {TrainingProof} from "./Training.sol";
import {Vectors} from "./Vectors.sol";

/// Powers of xi, one a relation, and the positions of relations that vary with the program.
struct Batch {
    Scalar[] xi;
    uint256 links; // of the first R-LINK; R-TAB are before it
    uint256 outputLinks; // of the first one of layer L
    uint256 count; // R-COUNT; R-DEG is the next and last
}

/// The linear relations (section 3), batched with powers of xi. Targets has the sum of their right-hand sides, TraceRows, DataRows
/// and WeightRows the weights of the committed vectors, MaskRow the functional of m.
///
/// Terms of S1a are numbered f_1..f_L, b_2..b_L: f_i is i - 1, b_i is L + i - 2; those of S1b go on with o_i = 2L - 2 + i.
/// Relations: R-X 0.., R-S1A 2L-1, R-AD 2L.., R-S1B 8L-2, R-S2 8L-1, R-COL 8L.., then as in Batch.
library TrainingRelations {
    using Vectors for uint256[];
    using Scalars for Scalar;
    using Programs for Program;

    function batch(TrainingProof memory proof, Scalar xi) internal pure returns (Batch memory b) {
        unchecked {
            Program memory p = proof.program;
            b.links = 8 * p.layers + proof.values2.length + proof.tableValues.length;
            b.outputLinks = b.links;
            for (uint256 i = 1; i < p.layers; ++i) {
                b.outputLinks += p.smooth(i) ? 2 : 1;
            }
            b.count = b.outputLinks;
            if (p.weighted()) b.count += 2;
            if (p.loss == Loss.SOFTMAX) b.count += 5;
            if (p.loss == Loss.HUBER) b.count += 2;
            b.xi = xi.powers(b.count + 2);
        }
    }

    /// The first of the five R-LINK of softmax.
    function softmaxLinks(Program memory p, Batch memory b) internal pure returns (uint256) {
        unchecked {
            return b.outputLinks + (p.weighted() ? 2 : 0);
        }
    }

    /// Variables of an S1a term: tb + I_i or tb + J_i.
    function variables(TrainingProof memory proof, uint256 k) internal pure returns (uint256) {
        unchecked {
            uint256 L = proof.program.layers;
            return proof.lay.tb + (k < L ? proof.lay.I.get(k + 1) : proof.lay.J.get(k + 2 - L));
        }
    }

    /// Variables of the weight table before those of layer i.
    function prefixLength(Layout memory lay, uint256 i) internal pure returns (uint256) {
        unchecked {
            return lay.wv + lay.n - lay.I.get(i) - lay.J.get(i);
        }
    }
}
