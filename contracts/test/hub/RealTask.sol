// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {VerifierRouter} from "../../src/VerifierRouter.sol";
import {OpenGate} from "../../src/gates/OpenGate.sol";
import {IBeacon} from "../../src/interfaces/IBeacon.sol";
import {IGate} from "../../src/interfaces/IGate.sol";
import {IFedHub, Mode, Phase, Task} from "../../src/interfaces/IFedHub.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {Cheats} from "../parts/PartBase.sol";
import {Coin} from "../parts/Tokens.sol";
import {TestBase, Vector} from "../TestBase.sol";
import {FakeBeacon} from "./Fakes.sol";

/// The hub, what is not in its own interface too.
interface IHub is IFedHub {
    function vault() external view returns (IStakeVault);
}

/// A task of two members over the real verifiers, with their proofs (contracts/script/hub_gas_vector.py), which were made for a hub at this
/// address and the task below. The hub's source is not imported: with it the verifiers would be compiled with its profile (foundry.toml).
abstract contract RealTask is TestBase {
    Cheats internal constant cheats = Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));
    IHub internal constant hub = IHub(address(0xFED0));
    Coin internal constant coin = Coin(address(0xFED1));
    address private constant GATE = address(0xFED2);
    FakeBeacon internal constant beacon = FakeBeacon(address(0xFED3));
    address internal constant SPONSOR = address(0x5905);
    address internal constant ANYBODY = address(0xA17);
    uint256 private constant POINT = 64;
    uint256 private constant COLD_SLOT = 2_100;
    /// Of a slot that was read before and was not empty.
    uint256 private constant CHANGED_SLOT = 2_900;

    VerifierRouter internal router;
    Vector[4] internal vectors; // registration and training of two members
    bytes32 internal keyId;
    uint256 private nW;
    uint256 private nD;

    function deploy(string memory file) internal {
        for (uint256 i = 0; i < 4; ++i) {
            vectors[i] = load(file, i);
        }
        keyId = keys.store(vectors[0].program, vectors[0].table, vectors[0].setup);
        (nW, nD) = (keys.shape(keyId).nW, keys.shape(keyId).nD);
        router = new VerifierRouter(keys, trainings, registrations, closes, address(0), 0);
        cheats.etch(address(coin), address(new Coin()).code);
        cheats.etch(GATE, address(new OpenGate()).code);
        cheats.etch(address(beacon), address(new FakeBeacon()).code);
        // the constructor runs where the hub is to be
        cheats.etch(address(hub), abi.encodePacked(vm.getCode("FedHub.sol:FedHub"), abi.encode(router, keys)));
        (bool ok, bytes memory code) = address(hub).call("");
        assertTrue(ok, "constructor");
        cheats.etch(address(hub), code);
    }

    function slice(bytes memory data, uint256 from, uint256 length) private pure returns (bytes memory out) {
        out = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            out[i] = data[from + i];
        }
    }

    function member(uint256 k) internal pure returns (address) {
        return k == 0 ? address(0xA1) : address(0xA2);
    }

    /// [W_0], from member 0's training statement.
    function start() internal view returns (bytes memory) {
        return slice(vectors[1].statement, 7 * 32, POINT * nW);
    }

    function dataset(uint256 k) internal view returns (bytes memory) {
        return slice(vectors[2 * k].statement, 7 * 32, POINT * nD);
    }

    function datasetId(uint256 k) internal view returns (bytes32) {
        return bytes32(slice(vectors[1 + 2 * k].statement, 7 * 32 + POINT * nW, 32));
    }

    function proof(uint256 k) internal view returns (bytes memory) {
        return vectors[1 + 2 * k].proof;
    }

    /// [W_out] of member k
    function update(uint256 k) internal view returns (bytes memory) {
        return trainings.verifyTraining(keyId, vectors[1 + 2 * k].statement, vectors[1 + 2 * k].proof);
    }

    function open(Mode mode) private returns (bytes32 id) {
        Task memory t;
        t.sponsor = SPONSOR;
        (t.taskDigest, t.taskFile) = (keccak256("task"), keccak256("file"));
        (t.keyId, t.verifier, t.start, t.mode) = (keyId, 1, keccak256(start()), mode);
        (t.rounds, t.minAccepted, t.maxMembers) = (2, 2, 3);
        (t.token, t.gate, t.beacon) = (IERC20(address(coin)), IGate(GATE), IBeacon(address(beacon)));
        (t.reward, t.closerFee, t.stake) = (1000, 50, 10_000);
        (t.revealPenalty, t.absencePenalty) = (1000, 2000);
        (t.joinWindow, t.revealWindow, t.submitWindow, t.closeWindow) = (100, 200, 300, 400);
        if (mode == Mode.Bonded) {
            (t.claimBond, t.demandDeposit) = (5000, 70);
            (t.challengeWindow, t.answerWindow) = (500, 600);
        }
        t.salt = "gas";
        coin.mint(SPONSOR, 2100);
        bytes memory points = start();
        cheats.startPrank(SPONSOR);
        coin.approve(address(hub), 2100);
        id = hub.open(t, points);
        cheats.stopPrank();
        assertTrue(id == bytes32(slice(vectors[0].statement, 3 * 32, 32)), "the task that the proofs speak of");
    }

    function join(bytes32 id, uint256 k) private {
        bytes memory data = dataset(k);
        address vault = address(hub.vault());
        coin.mint(member(k), 10_000);
        cheats.startPrank(member(k));
        coin.approve(vault, 10_000);
        hub.join(id, bytes32("tip"), data, vectors[2 * k].proof, "");
        cheats.stopPrank();
    }

    /// Both have joined, and updates of round 0 are due.
    function submitting(Mode mode) internal returns (bytes32 id) {
        id = open(mode);
        join(id, 0);
        join(id, 1);
        cheats.warp(hub.progress(id).deadline);
        hub.advance(id);
        hub.advance(id);
        assertTrue(hub.progress(id).phase == Phase.Submitting, "submitting");
    }

    function calldataGas(bytes memory data) internal pure returns (uint256 gas) {
        for (uint256 i = 0; i < data.length; ++i) {
            gas += data[i] == 0 ? 4 : 16;
        }
    }

    /// A transaction of its own, if the test is isolated: its gas.
    function send(address from, bytes memory call) internal returns (uint256) {
        cheats.prank(from);
        (bool ok, bytes memory reason) = address(hub).call(call);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
        (, uint64 gas,,,) = vm.lastCallGas();
        return gas;
    }

    /// Of the hub's slots that were read and changed since `vm.record()`, all cold and none empty before.
    function storageGas() internal returns (uint256) {
        (bytes32[] memory reads, bytes32[] memory writes) = vm.accesses(address(hub));
        return COLD_SLOT * distinct(reads) + CHANGED_SLOT * distinct(writes);
    }

    function distinct(bytes32[] memory slots) private pure returns (uint256 n) {
        for (uint256 i = 0; i < slots.length; ++i) {
            uint256 k = 0;
            while (slots[k] != slots[i]) ++k;
            if (k == i) ++n;
        }
    }
}
