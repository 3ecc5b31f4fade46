// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Phase, Task} from "../../src/interfaces/IFedHub.sol";
import {InexactTransfer} from "../../src/StakeVault.sol";
import "../../src/protocol/HubErrors.sol";
import {CallingCoin, FeeCoin, LyingCoin, RefusingCoin, SilentCoin} from "../parts/Tokens.sol";
import {HubBase} from "./HubBase.sol";

/// Tokens that do not do what they are asked to.
contract MoneyTest is HubBase {
    function over(address token) private view returns (Task memory t) {
        t = defaults();
        t.token = IERC20(token);
    }

    function test_aTokenThatTakesFeesOpensNothing() public {
        FeeCoin fee = new FeeCoin();
        fee.setDivisor(100);
        fee.mint(SPONSOR, 3153);
        (Task memory t, bytes memory points_) = (over(address(fee)), start());
        cheats.startPrank(SPONSOR);
        fee.approve(address(hub), 3153);
        expect(abi.encodeWithSelector(WrongAmount.selector, 3153, 3153 - 31));
        hub.open(t, points_);
    }

    function test_aTokenThatLiesOpensNothing() public {
        (Task memory t, bytes memory points_) = (over(address(new LyingCoin())), start());
        cheats.prank(SPONSOR);
        expect(abi.encodeWithSelector(WrongAmount.selector, 3153, 0));
        hub.open(t, points_);
    }

    function test_aSponsorWithoutMoneyOpensNothing() public {
        (Task memory t, bytes memory points_) = (defaults(), start());
        cheats.prank(SPONSOR);
        cheats.expectRevert();
        hub.open(t, points_);
    }

    function test_aStakeThatDoesNotArriveLetsNobodyIn() public {
        FeeCoin fee = new FeeCoin();
        fee.mint(SPONSOR, 3153);
        fee.mint(member(1), 10_000);
        (Task memory t, bytes memory points_) = (over(address(fee)), start());
        cheats.startPrank(SPONSOR);
        fee.approve(address(hub), 3153);
        bytes32 id = hub.open(t, points_);
        cheats.stopPrank();
        fee.setDivisor(100);
        cheats.prank(member(1));
        fee.approve(address(vault), 10_000);
        bytes memory data = dataset(1);
        bytes memory proof = proofOf("registration", registrationOf(id, member(1), bytes32("tip"), data), "");
        cheats.prank(member(1));
        expect(abi.encodeWithSelector(InexactTransfer.selector, 10_000, 9900));
        hub.join(id, bytes32("tip"), data, proof, "");
        assertEq(progress(id).entered, 0, "nobody");
    }

    function test_oldTokensThatReturnNothingWork() public {
        SilentCoin silent = new SilentCoin();
        silent.mint(SPONSOR, 3153);
        (Task memory t, bytes memory points_) = (over(address(silent)), start());
        cheats.prank(SPONSOR);
        bytes32 id = hub.open(t, points_);
        pass(id);
        hub.refund(id);
        assertEq(silent.balanceOf(SPONSOR), 3153, "refunded");
    }

    /// Whom the token refuses to pay harms himself alone: he can be paid later, and the task goes on.
    function test_aRefusedPaymentStaysDue() public {
        RefusingCoin refusing = new RefusingCoin();
        refusing.mint(SPONSOR, 3153);
        (Task memory t, bytes memory points_) = (over(address(refusing)), start());
        cheats.startPrank(SPONSOR);
        refusing.approve(address(hub), 3153);
        bytes32 id = hub.open(t, points_);
        cheats.stopPrank();
        refusing.refuse(SPONSOR, true);
        pass(id);
        expect(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(refusing)));
        hub.refund(id);
        refusing.refuse(SPONSOR, false);
        cheats.expectRevert();
        hub.refund(id);
        assertEq(refusing.balanceOf(address(hub)), 3153, "still there");
    }

    // --- reentrancy ------------------------------------------------------------------------------------------------------

    /// A token that calls the hub in the middle of the hub's transfers.
    function calling() private returns (CallingCoin token, bytes32 id) {
        token = new CallingCoin();
        token.mint(SPONSOR, 3153);
        (Task memory t, bytes memory points_) = (over(address(token)), start());
        cheats.startPrank(SPONSOR);
        token.approve(address(hub), 3153);
        id = hub.open(t, points_);
        cheats.stopPrank();
        pass(id);
        assertPhase(id, Phase.Cancelled);
    }

    function test_noFunctionIsEnteredTwice() public {
        Task memory t = defaults();
        (CallingCoin token, bytes32 id) = calling();
        bytes[17] memory calls;
        calls[0] = abi.encodeCall(hub.open, (t, ""));
        calls[1] = abi.encodeCall(hub.refund, (id));
        calls[2] = abi.encodeCall(hub.join, (id, "", "", "", ""));
        calls[3] = abi.encodeCall(hub.enter, (id));
        calls[4] = abi.encodeCall(hub.submit, (id, "", "", "", "", false));
        calls[5] = abi.encodeCall(hub.submitClaim, (id, "", "", false));
        calls[6] = abi.encodeCall(hub.claim, (id, SPONSOR));
        calls[7] = abi.encodeCall(hub.quit, (id));
        calls[8] = abi.encodeCall(hub.advance, (id));
        calls[9] = abi.encodeCall(hub.reportAbsent, (id, 0, SPONSOR));
        calls[10] = abi.encodeCall(hub.reportDouble, (id, 0, SPONSOR, "a", "", "b", ""));
        calls[11] = abi.encodeCall(hub.demand, (id, 0, SPONSOR, "", ""));
        calls[12] = abi.encodeCall(hub.settle, (id, 0, SPONSOR, "", "", "", "", ""));
        calls[13] = abi.encodeCall(hub.expire, (id, 0, SPONSOR, "", ""));
        calls[14] = abi.encodeCall(hub.accumulate, (id, "", "", ""));
        calls[15] = abi.encodeCall(hub.close, (id, "", "", "", "", "", ""));
        calls[16] = abi.encodeCall(hub.cancel, (id));
        for (uint256 i = 0; i < calls.length; ++i) {
            token.aim(address(hub), calls[i]);
            expect(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            hub.refund(id);
        }
        token.aim(address(0), "");
        hub.refund(id);
        assertEq(token.balanceOf(SPONSOR), 3153, "paid once");
        expect(NothingDue.selector);
        hub.refund(id);
    }
}
