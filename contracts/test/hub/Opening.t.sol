// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IBeacon} from "../../src/interfaces/IBeacon.sol";
import {IGate} from "../../src/interfaces/IGate.sol";
import {Mode, Phase, Task} from "../../src/interfaces/IFedHub.sol";
import {NotOnCurve} from "../../src/verifier/Errors.sol";
import "../../src/protocol/HubErrors.sol";
import {FedHub} from "../../src/FedHub.sol";
import {IVerifyingKeys} from "../../src/interfaces/IVerifyingKeys.sol";
import {FakeKeys} from "./Fakes.sol";
import {HubBase} from "./HubBase.sol";

/// Every field of a task has its limits.
contract OpeningTest is HubBase {
    function refuse(Task memory t, bytes32 field) private {
        bytes memory points_ = start();
        cheats.prank(SPONSOR);
        expect(abi.encodeWithSelector(BadTask.selector, field));
        hub.open(t, points_);
    }

    function test_theIdHashesEverything() public {
        Task memory t = defaults();
        bytes32 id = open(t);
        assertEq(id, keccak256(abi.encode(block.chainid, address(hub), t)), "id");
        assertEq(keccak256(abi.encode(hub.task(id))), keccak256(abi.encode(t)), "kept as it was");
        assertPhase(id, Phase.Joining);
        bytes memory points_ = start();
        cheats.prank(SPONSOR);
        expect(abi.encodeWithSelector(TaskExists.selector, id));
        hub.open(t, points_);
        t.salt = "another";
        assertTrue(open(t) != id, "another task");
    }

    function test_onlyForOneself() public {
        Task memory t = defaults();
        bytes memory points_ = start();
        expect(abi.encodeWithSelector(NotSponsor.selector, SPONSOR, address(this)));
        hub.open(t, points_);
    }

    function test_counts() public {
        Task memory t = defaults();
        t.rounds = 0;
        refuse(t, "rounds");
        t.rounds = 1 << 24;
        refuse(t, "rounds");
        t = defaults();
        t.minAccepted = 0;
        refuse(t, "minAccepted");
        t.minAccepted = 6;
        refuse(t, "minAccepted");
        t = defaults();
        t.maxMembers = 0;
        refuse(t, "maxMembers");
        t.maxMembers = 1 << 16;
        refuse(t, "maxMembers");
    }

    function test_amounts() public {
        Task memory t = defaults();
        t.stake = 1 << 104;
        refuse(t, "stake");
        t.stake = 1999;
        refuse(t, "absencePenalty");
        t.stake = 999;
        refuse(t, "revealPenalty");
        t = defaults();
        t.reward = 1 << 104;
        refuse(t, "reward");
        t = defaults();
        t.closerFee = 1 << 104;
        refuse(t, "closerFee");
        t = bonded();
        t.claimBond = 0;
        refuse(t, "claimBond");
        t.claimBond = 10_001;
        refuse(t, "claimBond");
        t = bonded();
        t.demandDeposit = 1 << 104;
        refuse(t, "demandDeposit");
    }

    function test_windows() public {
        Task memory t = defaults();
        t.joinWindow = 0;
        refuse(t, "joinWindow");
        t.joinWindow = 365 days + 1;
        refuse(t, "joinWindow");
        t = defaults();
        t.revealWindow = 0;
        refuse(t, "revealWindow");
        t = defaults();
        t.submitWindow = 0;
        refuse(t, "submitWindow");
        t = defaults();
        t.closeWindow = 0;
        refuse(t, "closeWindow");
        t = bonded();
        t.challengeWindow = 0;
        refuse(t, "challengeWindow");
        t = bonded();
        t.answerWindow = 0;
        refuse(t, "answerWindow");
    }

    /// What an eager task does not use is zero, lest somebody believe in it.
    function test_eagerTasksHaveNoClaims() public {
        Task memory t = defaults();
        t.claimBond = 1;
        refuse(t, "claimBond");
        t = defaults();
        t.challengeWindow = 1;
        refuse(t, "challengeWindow");
        t = defaults();
        t.answerWindow = 1;
        refuse(t, "answerWindow");
        t = defaults();
        t.demandDeposit = 1;
        refuse(t, "demandDeposit");
    }

    function test_contracts() public {
        Task memory t = defaults();
        t.token = IERC20(address(1000));
        refuse(t, "token");
        t = defaults();
        t.gate = IGate(address(1000));
        refuse(t, "gate");
        t = defaults();
        t.beacon = IBeacon(address(1000));
        refuse(t, "beacon");
        t = defaults();
        t.keyId = "another";
        refuse(t, "keyId");
        t = defaults();
        t.verifier = 2;
        refuse(t, "verifier");
    }

    /// Members could not submit what no transaction can verify.
    function test_keysThatAreTooLarge() public {
        FakeKeys large = new FakeKeys(500, 25, 6, 4, 3);
        FedHub other = new FedHub(router, IVerifyingKeys(address(large)));
        Task memory t = defaults();
        cheats.prank(SPONSOR);
        expect(abi.encodeWithSelector(BadTask.selector, bytes32("keyId")));
        other.open(t, "");
        large = new FakeKeys(500, 24, 6, 4, 3);
        other = new FedHub(router, IVerifyingKeys(address(large)));
        cheats.prank(SPONSOR);
        expect(abi.encodeWithSelector(WrongPointsLength.selector, 500 * 64, 0));
        other.open(t, "");
    }

    function test_startPoints() public {
        Task memory t = defaults();
        bytes memory points_ = points(100, NW + 1);
        cheats.startPrank(SPONSOR);
        expect(abi.encodeWithSelector(WrongPointsLength.selector, 128, 192));
        hub.open(t, points_);
        points_ = points(101, NW);
        expect(abi.encodeWithSelector(WrongPoints.selector, t.start, keccak256(points_)));
        hub.open(t, points_);
        points_ = abi.encode(1, 2, 1, 1);
        t.start = keccak256(points_);
        expect(abi.encodeWithSelector(NotOnCurve.selector, 64));
        hub.open(t, points_);
    }

    function test_anUnknownModeDoesNotDecode() public {
        Task memory t = defaults();
        bytes memory call = abi.encodeCall(hub.open, (t, start()));
        // the seventh word of the task
        call[4 + 7 * 32 - 1] = hex"02";
        cheats.prank(SPONSOR);
        (bool ok,) = address(hub).call(call);
        assertTrue(!ok, "mode 2");
        assertEq(uint256(type(Mode).max), 1, "two modes");
    }
}
