// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Phase, Task} from "../../src/interfaces/IFedHub.sol";
import {FedHub} from "../../src/FedHub.sol";
import {Vm} from "../Vm.sol";
import {HubBase} from "./HubBase.sol";

/// What the hub itself costs: verifiers here only hash. Gas of whole transactions: 21,000, calldata and execution.
contract HubGasTest is HubBase {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    address private constant CONSOLE = 0x000000000000000000636F6e736F6c652e6c6f67;

    /// The last call's gas, with what a transaction pays for `call` as calldata. Every call begins with cold storage.
    function gasOf(bytes memory call) private view returns (uint256) {
        (, uint64 used,,,) = vm.lastCallGas();
        return 21_000 + used + calldataGas(call);
    }

    function cool() private {
        cheats.cool(address(hub));
        cheats.cool(address(hub.parts()));
        cheats.cool(address(vault));
        cheats.cool(address(router));
        cheats.cool(address(beacon));
        cheats.cool(address(gate));
        cheats.cool(address(keys));
        cheats.cool(address(coin));
    }

    function print(string memory text, uint256 value) private view {
        (bool ok,) = CONSOLE.staticcall(abi.encodeWithSignature("log(string,uint256)", text, value));
        assertTrue(ok, "printed");
    }

    function calldataGas(bytes memory call) private pure returns (uint256 gas_) {
        for (uint256 i = 0; i < call.length; ++i) {
            gas_ += call[i] == 0 ? 4 : 16;
        }
    }

    function send(address from, bytes memory call) private returns (uint256) {
        cool();
        cheats.prank(from);
        (bool ok, bytes memory reason) = address(hub).call(call);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
        return gasOf(call);
    }

    function claimCall(bytes32 id, uint256 k) private view returns (bytes memory) {
        return abi.encodeCall(hub.submitClaim, (id, update(k), keccak256(trainingProof(id, k, start(), k)), false));
    }

    function test_sizes() public view {
        print("FedHub, bytes", address(hub).code.length);
        print("HubParts, bytes", address(hub.parts()).code.length);
        assertTrue(address(hub).code.length <= 24_576 && address(hub.parts()).code.length <= 24_576, "EIP-170");
        uint256 made = type(FedHub).creationCode.length + 64;
        print("FedHub's creation, bytes", made);
        assertTrue(made <= 49_152, "EIP-3860");
    }

    /// Every member of a round of 1,000 pays the same; so does its closing, by member.
    function test_aThousandMembersInOneRound() public {
        Task memory t = bonded();
        (t.maxMembers, t.reward) = (1000, 1_000_000);
        bytes32 id = begun(t, 1000);
        uint256 second = 0;
        for (uint256 k = 1; k <= 1000; ++k) {
            uint256 used = send(member(k), claimCall(id, k));
            by.push(member(k));
            what.push(k);
            if (k == 2) second = used;
            if (k == 2) print("submitClaim, the second", used);
            if (k > 2) assertTrue(used < second + 200 && used + 200 > second, "constant");
            if (k == 1000) print("submitClaim, the thousandth", used);
        }
        assertTrue(second < 120_000, "submitClaim");
        hub.advance(id);
        pass(id);
        uint256 first = 0;
        bytes memory sum = "";
        for (uint256 i = 0; i < 1000; i += 200) {
            (bytes memory members, bytes memory updates) = packed(i, i + 200);
            uint256 used = send(CLOSER, abi.encodeCall(hub.accumulate, (id, sum, members, updates)));
            if (i == 200) first = used;
            if (i == 200) print("accumulate 200 of 2 points", used);
            if (i > 200) assertTrue(used < first + 20_000 && used + 20_000 > first, "constant");
            uint256 total = (i + 200) * (i + 201) / 2;
            sum = bytes.concat(multiple(total), multiple(total + i + 200));
        }
        bytes memory next = points(300, NW);
        bytes memory proof = closeProof(id, CLOSER, sum, next, 1000);
        print("close", send(CLOSER, abi.encodeCall(hub.close, (id, sum, "", "", next, "", proof))));
        print("claim", send(SPONSOR, abi.encodeCall(hub.claim, (id, member(500)))));
        assertEq(coin.balanceOf(member(500)), 1000, "a thousandth");
        assertPhase(id, Phase.Revealing);
        assertEq(progress(id).entered, 1000, "all go on");
    }

    function test_otherCalls() public {
        Task memory t = defaults();
        bytes memory call = abi.encodeCall(hub.open, (t, start()));
        coin.mint(SPONSOR, 3153);
        cheats.prank(SPONSOR);
        coin.approve(address(hub), 3153);
        print("open", send(SPONSOR, call));
        bytes32 id = keccak256(abi.encode(block.chainid, address(hub), t));
        join(id, 1);
        fund(member(2), 10_000);
        bytes memory proof = proofOf("registration", registrationOf(id, member(2), bytes32("tip"), dataset(2)), "");
        print("join, without verifying", send(member(2), abi.encodeCall(hub.join, (id, bytes32("tip"), dataset(2), proof, ""))));
        join(id, 3);
        cheats.warp(progress(id).deadline);
        print("advance, round begins", send(SPONSOR, abi.encodeCall(hub.advance, (id))));
        print("advance, round seeded", send(SPONSOR, abi.encodeCall(hub.advance, (id))));
        submit(id, 1, 1);
        bytes32 dataId = datasetId(id, member(2), dataset(2));
        call = abi.encodeCall(hub.submit, (id, start(), dataId, dataset(2), trainingProof(id, 2, start(), 2), false));
        uint256 used = send(member(2), call);
        print("submit, without verifying", used);
        assertTrue(used < 120_000, "submit");
        cheats.warp(progress(id).deadline);
        hub.advance(id);
        print("reportAbsent", send(CLOSER, abi.encodeCall(hub.reportAbsent, (id, 0, member(3)))));
        assertPhase(id, Phase.Closing);
    }
}
