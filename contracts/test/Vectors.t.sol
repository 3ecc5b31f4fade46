// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase, Vector} from "./TestBase.sol";
import {OpeningFailed} from "../src/verifier/Errors.sol";

/// Every golden vector has the verdict that Rust and the Python reference reach.
contract VectorsTest is TestBase {
    function check(string memory file) private view {
        uint256 n = count(file);
        assertTrue(n >= 3, "vectors in the file");
        for (uint256 i = 0; i < n; ++i) {
            Vector memory v = load(file, i);
            if (v.valid) assertAccepted(v);
            else assertRejected(v, OpeningFailed.selector, "the vector is invalid");
        }
    }

    function test_core_logistic() external view {
        check("core-logistic");
    }

    function test_core_relu() external view {
        check("core-relu");
    }

    function test_core_squared() external view {
        check("core-squared");
    }

    function test_reference_epochs() external view {
        check("reference-epochs");
    }

    function test_reference_folded() external view {
        check("reference-folded");
    }

    function test_reference_huber_momentum() external view {
        check("reference-huber-momentum");
    }

    function test_reference_lanes() external view {
        check("reference-lanes");
    }

    function test_reference_limbs() external view {
        check("reference-limbs");
    }

    function test_reference_logistic() external view {
        check("reference-logistic");
    }

    function test_reference_many_vectors() external view {
        check("reference-many-vectors");
    }

    function test_reference_multi_label() external view {
        check("reference-multi-label");
    }

    function test_reference_one_step() external view {
        check("reference-one-step");
    }

    function test_reference_relu() external view {
        check("reference-relu");
    }

    function test_reference_softmax_gelu() external view {
        check("reference-softmax-gelu");
    }

    function test_reference_squared() external view {
        check("reference-squared");
    }

    function test_reference_three_layers() external view {
        check("reference-three-layers");
    }

    function test_reference_three_weights() external view {
        check("reference-three-weights");
    }

    function test_reference_weighted_softmax() external view {
        check("reference-weighted-softmax");
    }
}
