// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase, Vector} from "../TestBase.sol";
import {VerifierRouter} from "../../src/VerifierRouter.sol";

/// What the router costs beside the verifier that it calls; all is cold, as in a transaction of its own.
contract RouterGasTest is TestBase {
    event log_named_uint(string name, uint256 value);

    VerifierRouter private router = new VerifierRouter(keys, trainings, registrations, closes, address(0), 0);
    Vector private v;
    bytes32 private keyId;

    function setUp() external {
        v = load("core-relu", 1);
        keyId = keys.store(v.program, v.table, v.setup);
    }

    function test_overhead() external {
        (bytes32 id, bytes memory statement, bytes memory proof) = (keyId, v.statement, v.proof);
        uint256 before = gasleft();
        router.verifyTraining(1, id, statement, proof);
        uint256 routed = before - gasleft();
        before = gasleft();
        trainings.verifyTraining(id, statement, proof);
        uint256 direct = before - gasleft();
        // warm the second time: the verifier, its weights and the key's contract were 2,500 dearer each
        uint256 overhead = routed - direct - 3 * 2_500;
        emit log_named_uint("router", overhead);
        assertTrue(overhead < 17_500, "gas of the router");
    }
}
