// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {PartBase} from "./PartBase.sol";
import {Coin, FeeCoin, GenerousCoin, RefusingCoin, SilentCoin, LyingCoin, CallingCoin} from "./Tokens.sol";
import {StakeVault, NotHub, InexactTransfer, WrongToken, NotWithdrawable, NothingToWithdraw, NoHub} from "../../src/StakeVault.sol";

/// The test is the vault's hub.
contract StakeVaultTest is PartBase {
    StakeVault private vault = new StakeVault(address(this));
    Coin private coin = new Coin();

    function setUp() external {
        coin.mint(ALICE, 1000);
        coin.mint(BOB, 1000);
        approve(coin, ALICE);
        approve(coin, BOB);
    }

    function approve(IERC20 token, address owner) private {
        cheats.prank(owner);
        token.approve(address(vault), type(uint256).max);
    }

    function locked(uint256 amount) private {
        vault.lock(ID, coin, ALICE, amount);
    }

    function dead() private view returns (uint256) {
        return coin.balanceOf(vault.BURNED());
    }

    function test_lock_adds_up() external {
        locked(100);
        locked(50);
        vault.lock(ID, coin, BOB, 7);
        vault.lock(keccak256("another"), coin, ALICE, 5);
        assertEq(vault.stakeOf(ID, ALICE), 150, "two locks");
        assertEq(vault.stakeOf(ID, BOB), 7, "another member");
        assertEq(vault.stakeOf(keccak256("another"), ALICE), 5, "another task");
        assertEq(coin.balanceOf(address(vault)), 162, "all of it is here");
    }

    function test_only_the_hub() external {
        bytes memory reason = abi.encodeWithSelector(NotHub.selector, BOB);
        cheats.startPrank(BOB);
        expect(reason);
        vault.lock(ID, coin, ALICE, 1);
        expect(reason);
        vault.slash(ID, ALICE, 1, BOB, true);
        expect(reason);
        vault.startExit(ID, ALICE, 1);
        cheats.stopPrank();
        expect(NoHub.selector);
        new StakeVault(address(0));
    }

    function test_one_token_a_task() external {
        locked(1);
        Coin other = new Coin();
        expect(abi.encodeWithSelector(WrongToken.selector, coin, other));
        vault.lock(ID, other, BOB, 1);
    }

    function test_lock_takes_what_it_says_or_nothing() external {
        expect(abi.encodeWithSignature("ERC20InsufficientBalance(address,uint256,uint256)", ALICE, 1000, 1001));
        locked(1001);
        FeeCoin fees = new FeeCoin();
        fees.setDivisor(10);
        fees.mint(ALICE, 100);
        approve(fees, ALICE);
        expect(abi.encodeWithSelector(InexactTransfer.selector, 100, 90));
        vault.lock(ID, fees, ALICE, 100);
        IERC20 lying = IERC20(address(new LyingCoin()));
        expect(abi.encodeWithSelector(InexactTransfer.selector, 100, 0));
        vault.lock(ID, lying, ALICE, 100);
        // an address without code
        cheats.expectRevert();
        vault.lock(ID, IERC20(ALICE), BOB, 0);
        expect(abi.encodeWithSignature("SafeCastOverflowedUintDowncast(uint8,uint256)", 192, 1 << 192));
        locked(1 << 192);
    }

    function test_tokens_that_return_nothing() external {
        SilentCoin silent = new SilentCoin();
        silent.mint(ALICE, 100);
        vault.lock(ID, IERC20(address(silent)), ALICE, 100);
        vault.slash(ID, ALICE, 10, BOB, true);
        vault.startExit(ID, ALICE, 0);
        cheats.prank(ALICE);
        vault.withdraw(ID);
        assertEq(silent.balanceOf(ALICE), 90, "withdrawn");
        assertEq(silent.balanceOf(vault.BURNED()), 5, "burned");
    }

    function test_slash_is_split() external {
        locked(1000);
        (uint256 taken, uint256 honest) = vault.slash(ID, ALICE, 100, BOB, true);
        assertEq(taken, 100, "taken");
        assertEq(honest, 40, "to the honest");
        assertEq(coin.balanceOf(address(this)), 40, "sent to the hub");
        assertEq(vault.reportsOf(coin, BOB), 10, "to the reporter");
        assertEq(dead(), 50, "burned");
        assertEq(vault.stakeOf(ID, ALICE), 900, "the rest of the stake");
        assertEq(coin.balanceOf(address(vault)), 910, "what is here is owed");
    }

    function test_shares_round_down_and_the_rest_burns() external {
        locked(100);
        (uint256 taken, uint256 honest) = vault.slash(ID, ALICE, 19, BOB, true);
        assertEq(taken, 19, "taken");
        assertEq(honest, 7, "7.6");
        assertEq(vault.reportsOf(coin, BOB), 1, "1.9");
        assertEq(dead(), 11, "the rest");
        (taken, honest) = vault.slash(ID, ALICE, 1, BOB, true);
        assertEq(taken + dead(), 13, "one unit burns");
        assertEq(honest, 0, "0.4");
    }

    function test_nobody_to_pay() external {
        locked(1000);
        (, uint256 honest) = vault.slash(ID, ALICE, 100, address(0), true);
        assertEq(honest, 40, "no reporter");
        assertEq(dead(), 60, "its part burns");
        (, honest) = vault.slash(ID, ALICE, 100, BOB, false);
        assertEq(honest, 0, "no honest");
        assertEq(dead(), 150, "their part burns");
        vault.slash(ID, ALICE, 100, address(0), false);
        assertEq(dead(), 250, "all burns");
        assertEq(vault.reportsOf(coin, address(0)), 0, "nothing for nobody");
    }

    function test_slash_is_capped() external {
        locked(30);
        (uint256 taken,) = vault.slash(ID, ALICE, type(uint256).max, BOB, true);
        assertEq(taken, 30, "all there is");
        assertEq(vault.stakeOf(ID, ALICE), 0, "nothing left");
        (taken,) = vault.slash(ID, ALICE, 1, BOB, true);
        assertEq(taken, 0, "twice");
        (taken,) = vault.slash(ID, CAROL, 1, BOB, true);
        assertEq(taken, 0, "without a stake");
    }

    /// Whatever is slashed, what is here is what is owed, and at least half is burned.
    function testFuzz_nothing_is_lost_or_made(uint96 stake, uint256 amount, bool reported, bool toHonest) external {
        coin.mint(ALICE, stake);
        locked(stake);
        (uint256 taken, uint256 honest) = vault.slash(ID, ALICE, amount, reported ? BOB : address(0), toHonest);
        uint256 owed = vault.stakeOf(ID, ALICE) + vault.reportsOf(coin, BOB);
        assertEq(coin.balanceOf(address(vault)), owed, "what is here");
        assertEq(taken, vault.reportsOf(coin, BOB) + honest + dead(), "what was taken");
        assertTrue(dead() * 2 >= taken, "half is burned");
    }

    function test_exit() external {
        locked(100);
        cheats.prank(ALICE);
        expect(abi.encodeWithSelector(NotWithdrawable.selector, 0));
        vault.withdraw(ID);
        cheats.warp(1000);
        vault.startExit(ID, ALICE, 500);
        assertEq(vault.withdrawableAt(ID, ALICE), 1500, "time");
        cheats.warp(1499);
        cheats.prank(ALICE);
        expect(abi.encodeWithSelector(NotWithdrawable.selector, 1500));
        vault.withdraw(ID);
        cheats.warp(1500);
        cheats.prank(BOB);
        expect(abi.encodeWithSelector(NotWithdrawable.selector, 0));
        vault.withdraw(ID);
        cheats.prank(ALICE);
        vault.withdraw(ID);
        assertEq(coin.balanceOf(ALICE), 1000, "all is back");
        cheats.prank(ALICE);
        expect(abi.encodeWithSelector(NotWithdrawable.selector, 0));
        vault.withdraw(ID);
    }

    function test_exit_never_comes_sooner() external {
        locked(100);
        cheats.warp(1000);
        vault.startExit(ID, ALICE, 500);
        vault.startExit(ID, ALICE, 1);
        assertEq(vault.withdrawableAt(ID, ALICE), 1500, "not sooner");
        vault.startExit(ID, ALICE, 600);
        assertEq(vault.withdrawableAt(ID, ALICE), 1600, "later");
        locked(1);
        assertEq(vault.withdrawableAt(ID, ALICE), 0, "a lock cancels it");
        cheats.warp(2000);
        cheats.prank(ALICE);
        expect(abi.encodeWithSelector(NotWithdrawable.selector, 0));
        vault.withdraw(ID);
    }

    function test_slash_during_the_exit() external {
        locked(100);
        vault.startExit(ID, ALICE, 500);
        cheats.warp(block.timestamp + 500);
        vault.slash(ID, ALICE, 60, BOB, true);
        cheats.prank(ALICE);
        vault.withdraw(ID);
        assertEq(coin.balanceOf(ALICE), 940, "what the slash has left");
    }

    function test_slashed_to_nothing() external {
        locked(100);
        vault.slash(ID, ALICE, 100, BOB, true);
        vault.startExit(ID, ALICE, 0);
        cheats.prank(ALICE);
        expect(NothingToWithdraw.selector);
        vault.withdraw(ID);
    }

    function test_reports_are_withdrawn_once() external {
        locked(100);
        vault.slash(ID, ALICE, 100, BOB, true);
        cheats.startPrank(BOB);
        vault.withdrawReports(coin);
        assertEq(coin.balanceOf(BOB), 1010, "paid");
        expect(NothingToWithdraw.selector);
        vault.withdrawReports(coin);
        cheats.stopPrank();
        assertEq(coin.balanceOf(address(vault)), 0, "nothing left");
    }

    /// Neither a token that cannot be burned nor one that refuses the hub saves anybody from a slash.
    function test_refusals_do_not_stop_a_slash() external {
        RefusingCoin refusing = new RefusingCoin();
        refusing.mint(ALICE, 100);
        approve(refusing, ALICE);
        vault.lock(ID, refusing, ALICE, 100);
        refusing.refuse(vault.BURNED(), false);
        (uint256 taken, uint256 honest) = vault.slash(ID, ALICE, 50, BOB, true);
        assertEq(taken, 50, "taken");
        assertEq(honest, 20, "sent");
        assertEq(refusing.balanceOf(address(vault)), 80, "what did not burn stays");
        refusing.refuse(address(this), true);
        (taken, honest) = vault.slash(ID, ALICE, 50, BOB, true);
        assertEq(taken, 50, "taken again");
        assertEq(honest, 0, "the hub was sent nothing");
        vault.startExit(ID, ALICE, 0);
        cheats.prank(ALICE);
        expect(NothingToWithdraw.selector);
        vault.withdraw(ID);
    }

    function test_fees_that_begin_later() external {
        FeeCoin fees = new FeeCoin();
        fees.mint(ALICE, 1000);
        approve(fees, ALICE);
        vault.lock(ID, fees, ALICE, 1000);
        fees.setDivisor(10);
        (, uint256 honest) = vault.slash(ID, ALICE, 1000, BOB, true);
        assertEq(honest, 360, "the hub learns what arrived");
    }

    /// What a token adds of itself is not the hub's to share out: other tasks' money is in the same balance.
    function test_tokens_that_give_more() external {
        GenerousCoin generous = new GenerousCoin(address(this));
        generous.mint(ALICE, 100);
        approve(generous, ALICE);
        vault.lock(ID, generous, ALICE, 100);
        (, uint256 honest) = vault.slash(ID, ALICE, 100, BOB, true);
        assertEq(generous.balanceOf(address(this)), 80, "doubled");
        assertEq(honest, 40, "what was sent");
    }

    function test_tokens_that_call_back() external {
        CallingCoin calling = new CallingCoin();
        calling.mint(address(this), 10);
        calling.approve(address(vault), type(uint256).max);
        bytes4 reentered = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
        // as a member of its own: the token is msg.sender then
        bytes[2] memory calls = [abi.encodeCall(vault.withdraw, (ID)), abi.encodeCall(vault.withdrawReports, (calling))];
        for (uint256 i = 0; i < calls.length; ++i) {
            calling.aim(address(vault), calls[i]);
            expect(reentered);
            vault.lock(ID, calling, address(this), 1);
        }
        calling.aim(address(0), "");
        vault.lock(ID, calling, address(this), 10);
        calling.aim(address(vault), calls[0]);
        // the burn fails and what should have burned stays
        (uint256 taken,) = vault.slash(ID, address(this), 4, BOB, false);
        assertEq(taken, 4, "slashed");
        vault.startExit(ID, address(this), 0);
        calling.aim(address(vault), calls[0]);
        expect(reentered);
        vault.withdraw(ID);
        calling.aim(address(0), "");
        vault.withdraw(ID);
        assertEq(calling.balanceOf(address(this)), 6, "withdrawn once");
    }
}
