// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Mode, Phase} from "../../src/interfaces/IFedHub.sol";
import {Snapshot} from "../Snapshot.sol";
import {RealTask} from "./RealTask.sol";

/// What claims of a bonded task cost, and one more update whoever adds up a round, of one vector of weights: held against
/// contracts/snapshots/{claim-30-16-2,add}.json.
/// forge-config: default.isolate = true
contract AddGasTest is RealTask, Snapshot {
    function test_aClaimThatIsDemandedAndHolds() external {
        deploy("hub-bonded-30-16-2");
        bytes32 id = submitting(Mode.Bonded);
        bytes[2] memory updates = [update(0), update(1)];
        coin.mint(ANYBODY, 70);
        cheats.prank(ANYBODY);
        coin.approve(address(hub), 70);
        send(member(0), abi.encodeCall(hub.submitClaim, (id, updates[0], keccak256(proof(0)), false)));
        uint256 claimed = send(member(1), abi.encodeCall(hub.submitClaim, (id, updates[1], keccak256(proof(1)), false)));
        assertTrue(claimed < 120_000, "submitClaim");
        record("submitClaim", claimed);
        record("demand", send(ANYBODY, abi.encodeCall(hub.demand, (id, 0, member(0), updates[0], keccak256(proof(0))))));
        bytes memory call =
            abi.encodeCall(hub.settle, (id, 0, member(0), start(), datasetId(0), dataset(0), updates[0], proof(0)));
        record("settle_calldata", calldataGas(call));
        record("settle", send(member(0), call));
        compare("contracts/snapshots/claim-30-16-2.json");
    }

    function test_anUpdateOfOneVector() external {
        deploy("hub-bonded-30-16-2");
        bytes32 id = submitting(Mode.Bonded);
        bytes[2] memory updates = [update(0), update(1)];
        for (uint256 k = 0; k < 2; ++k) {
            send(member(k), abi.encodeCall(hub.submitClaim, (id, updates[k], keccak256(proof(k)), false)));
        }
        hub.advance(id);
        cheats.warp(hub.progress(id).deadline);
        hub.advance(id);
        assertTrue(hub.progress(id).phase == Phase.Closing, "closing");

        bytes memory one = abi.encodeCall(hub.accumulate, (id, "", abi.encodePacked(member(0)), updates[0]));
        bytes memory both = abi.encodePacked(member(0), member(1));
        both = abi.encodeCall(hub.accumulate, (id, "", both, bytes.concat(updates[0], updates[1])));
        // whoever adds again finds its slots filled, here always with something else
        send(ANYBODY, both);
        vm.record();
        uint256 first = send(ANYBODY, one);
        uint256 storage_ = storageGas();
        uint256 second = send(ANYBODY, both) - calldataGas(both) + calldataGas(one);
        record("add_update", second - first);
        record("add_update_calldata", 16 * (20 + 64));
        record("add_transaction_storage", storage_);
        assertTrue(second - first < 1_000, "ecAdd, roll and memory");
        compare("contracts/snapshots/add.json");
    }
}
