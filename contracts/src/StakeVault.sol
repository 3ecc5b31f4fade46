// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";

/// The vault takes orders from its hub only.
error NotHub(address caller);
/// The token moved another amount than it was asked to: it takes fees, or lies.
error InexactTransfer(uint256 expected, uint256 got);
/// All stakes of a task are in one token.
error WrongToken(address expected, address got);
/// No exit was started, or its time has not come.
error NotWithdrawable(uint64 withdrawableAt);
/// There is nothing to pay out.
error NothingToWithdraw();
/// The vault would belong to nobody.
error NoHub();

/// Stakes by task and member. What a slash takes is split: the reporter gets REPORTER_SHARE of it, the hub HONEST_SHARE for the honest
/// members of the round, and the rest is burned. Whoever reports himself from another address therefore still loses at least half of
/// it, even if all the honest are his own. Shares are rounded down, so what is lost by rounding is burned.
///
/// Tokens that take fees are refused when a stake is locked. A token whose balances change by themselves, or that refuses transfers, can
/// only harm the tasks that chose it: if it grows, nobody gets what it grew by; if it shrinks, the last to withdraw wait.
contract StakeVault is IStakeVault, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// Of 10,000 parts of what a slash takes.
    uint256 public constant REPORTER_SHARE = 1_000;
    uint256 public constant HONEST_SHARE = 4_000;
    uint256 private constant WHOLE = 10_000;

    /// Where burned tokens go; not all tokens can be destroyed.
    address public constant BURNED = 0x000000000000000000000000000000000000dEaD;

    struct Stake {
        uint192 amount;
        uint64 withdrawableAt; // 0: no exit was started
    }

    address public immutable hub;
    /// Of a task's stakes, fixed by the first.
    mapping(bytes32 id => IERC20) public tokenOf;
    mapping(bytes32 id => mapping(address member => Stake)) private _stakes;
    /// What reporters may withdraw.
    mapping(IERC20 token => mapping(address reporter => uint256)) public reportsOf;

    modifier onlyHub() {
        if (msg.sender != hub) revert NotHub(msg.sender);
        _;
    }

    constructor(address hub_) {
        if (hub_ == address(0)) revert NoHub();
        hub = hub_;
    }

    /// @inheritdoc IStakeVault
    function lock(bytes32 id, IERC20 token, address member, uint256 amount) external onlyHub nonReentrant {
        IERC20 expected = tokenOf[id];
        if (address(expected) == address(0)) tokenOf[id] = token;
        else if (address(expected) != address(token)) revert WrongToken(address(expected), address(token));
        Stake storage stake = _stakes[id][member];
        stake.amount = (uint256(stake.amount) + amount).toUint192();
        stake.withdrawableAt = 0;
        emit Locked(id, member, amount);
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(member, address(this), amount);
        uint256 got = token.balanceOf(address(this)) - before;
        if (got != amount) revert InexactTransfer(amount, got);
    }

    /// @inheritdoc IStakeVault
    /// @dev What the token refuses to burn or to send to the hub stays here, out of everybody's reach: nobody escapes a slash by it.
    function slash(bytes32 id, address member, uint256 amount, address reporter, bool toHonest)
        external
        onlyHub
        nonReentrant
        returns (uint256 taken, uint256 honest)
    {
        Stake storage stake = _stakes[id][member];
        IERC20 token = tokenOf[id];
        taken = amount < stake.amount ? amount : stake.amount;
        if (taken == 0) return (0, 0);
        stake.amount -= taken.toUint192();
        uint256 reported = reporter == address(0) ? 0 : taken * REPORTER_SHARE / WHOLE;
        honest = toHonest ? taken * HONEST_SHARE / WHOLE : 0;
        uint256 burned = taken - reported - honest;
        if (reported > 0) reportsOf[token][reporter] += reported;
        emit Cut(id, member, burned, reported, honest);
        _send(token, BURNED, burned);
        if (honest > 0) honest = _send(token, hub, honest);
    }

    /// @inheritdoc IStakeVault
    /// @dev A further call never brings the time forward.
    function startExit(bytes32 id, address member, uint64 delay) external onlyHub {
        Stake storage stake = _stakes[id][member];
        uint64 from = (block.timestamp + delay).toUint64();
        if (from < stake.withdrawableAt) from = stake.withdrawableAt;
        stake.withdrawableAt = from;
        emit ExitStarted(id, member, from);
    }

    /// @inheritdoc IStakeVault
    function withdraw(bytes32 id) external nonReentrant {
        Stake storage stake = _stakes[id][msg.sender];
        (uint256 amount, uint64 from) = (stake.amount, stake.withdrawableAt);
        if (from == 0 || block.timestamp < from) revert NotWithdrawable(from);
        if (amount == 0) revert NothingToWithdraw();
        delete _stakes[id][msg.sender];
        emit Withdrawn(id, msg.sender, amount);
        tokenOf[id].safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IStakeVault
    function withdrawReports(IERC20 token) external nonReentrant {
        uint256 amount = reportsOf[token][msg.sender];
        if (amount == 0) revert NothingToWithdraw();
        delete reportsOf[token][msg.sender];
        token.safeTransfer(msg.sender, amount);
    }

    /// @inheritdoc IStakeVault
    function stakeOf(bytes32 id, address member) external view returns (uint256) {
        return _stakes[id][member].amount;
    }

    /// @inheritdoc IStakeVault
    function withdrawableAt(bytes32 id, address member) external view returns (uint64) {
        return _stakes[id][member].withdrawableAt;
    }

    /// What arrived of it: the token may refuse, or have begun to take fees after the stake was locked. Never more than was sent, whatever
    /// the token says.
    function _send(IERC20 token, address to, uint256 amount) private returns (uint256 got) {
        uint256 before = token.balanceOf(to);
        if (!token.trySafeTransfer(to, amount)) return 0;
        got = token.balanceOf(to) - before;
        if (got > amount) got = amount;
    }
}
