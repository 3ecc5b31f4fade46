// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Mode} from "../../src/interfaces/IFedHub.sol";
import {Snapshot} from "../Snapshot.sol";
import {RealTask} from "./RealTask.sol";

/// Gas of eager updates with real proofs, whole transactions, held against contracts/snapshots:
/// `npm test -- --match-contract SubmitGas -vv` prints it. Calls of the test are transactions of their own, in which nothing is warm.
/// forge-config: default.isolate = true
contract SubmitGasTest is RealTask, Snapshot {
    uint256 private constant TRANSACTION = 21_000;
    uint256 private constant COLD_CONTRACT = 2_600;
    /// Of four topics, and of the words of `Submitted` beside the points.
    uint256 private constant LOG = 5 * 375 + 8 * 5 * 32;

    function test_30_1() external {
        measure("30-1", 640_000);
    }

    function test_30_16_2() external {
        measure("30-16-2", 700_000);
    }

    function test_64_32_10() external {
        measure("64-32-10", 745_000);
    }

    function test_784_128_10() external {
        measure("784-128-10", 800_000);
    }

    /// The first update ever of a task fills the roll's empty slot; all others are like the second.
    function measure(string memory network, uint256 limit) private {
        deploy(string.concat("hub-gas-", network));
        bytes32 id = submitting(Mode.Eager);
        uint256 first = send(member(0), call(id, 0));
        bytes memory data = call(id, 1);
        vm.record();
        uint256 gas = send(member(1), data);
        uint256 storage_ = storageGas();
        uint256 log = LOG + 8 * update(1).length;
        (uint256 verifier, uint256 router_) = asked();
        record("submit_first", first);
        record("submit_calldata", calldataGas(data));
        record("submit_verifier", verifier);
        record("submit_router", router_);
        record("submit_storage", storage_);
        record("submit_event", log);
        record("submit_hub", gas - TRANSACTION - calldataGas(data) - verifier - router_ - storage_ - log);
        record("submit", gas);
        assertTrue(gas < limit, "the limit of an update");
        compare(string.concat("contracts/snapshots/submit-", network, ".json"));
    }

    /// Execution of what the hub calls, cold.
    function asked() private returns (uint256 verifier, uint256 router_) {
        bytes memory data = abi.encodeCall(trainings.verifyTraining, (keyId, vectors[3].statement, vectors[3].proof));
        verifier = COLD_CONTRACT + execution(address(trainings), data);
        data = abi.encodeCall(router.stopped, (uint32(1), keys.setupDigest(keyId)));
        router_ = COLD_CONTRACT + execution(address(router), data);
    }

    function call(bytes32 id, uint256 k) private view returns (bytes memory) {
        return abi.encodeCall(hub.submit, (id, start(), datasetId(k), dataset(k), proof(k), false));
    }

    /// Of a call as a transaction of its own, without calldata.
    function execution(address target, bytes memory data) private returns (uint256) {
        (bool ok,) = target.call(data);
        assertTrue(ok, "call");
        (, uint64 gas,,,) = vm.lastCallGas();
        return gas - TRANSACTION - calldataGas(data);
    }
}
