// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Images} from "./verifier/Image.sol";
import {Layout} from "./verifier/Layout.sol";
import {Scalar} from "./verifier/Scalar.sol";
import {TrainingProof} from "./verifier/Training.sol";
import {TraceRows} from "./verifier/TraceRows.sol";
import {DataRows} from "./verifier/DataRows.sol";
import {WeightRows} from "./verifier/WeightRows.sol";
import {MaskRow} from "./verifier/MaskRow.sol";
import {Rows} from "./verifier/Rows.sol";

/// The left-hand sides of a training proof's relations at the end of S3 (docs/protocol.md, section 3). Stateless; a part of
/// TrainingVerifier, which alone can call it: see Images.
contract TrainingWeights {
    /// Takes the caller's memory with the proof as read up to the opening; returns the memory of Rows.
    function rows() external pure {
        function(TrainingProof memory) pure give = _give;
        function(uint256) pure giveAt;
        assembly ("memory-safe") {
            giveAt := give
        }
        giveAt(Images.receive_());
    }

    function _give(TrainingProof memory proof) private pure {
        uint256 start = Images.reserve();
        Rows memory w = _allocate(proof.lay);
        TraceRows.add(proof, proof.batch, w);
        DataRows.add(proof, proof.batch, w);
        Scalar zetaN = WeightRows.add(proof, proof.batch, w);
        w.mask = MaskRow.factor(proof, proof.batch, zetaN);
        uint256 root;
        assembly ("memory-safe") {
            root := w
        }
        Images.give(start, root);
    }

    function _allocate(Layout memory lay) private pure returns (Rows memory w) {
        w.columns = new Scalar[](lay.mu * lay.V + lay.lanes);
        w.helpers = new Scalar[](lay.helperAt[lay.helpers]);
        w.data = new Scalar[](lay.nD);
        w.start = new Scalar[](lay.nW);
        w.update = new Scalar[](lay.nW);
        w.tables = new Scalar[](lay.tablePoints);
    }
}
