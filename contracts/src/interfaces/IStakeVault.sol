// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// Stakes by task and member, of one hub. Nobody has power over them but the hub's rules; a withdrawal waits longer than every window.
interface IStakeVault {
    event Locked(bytes32 indexed id, address indexed member, uint256 amount);
    event ExitStarted(bytes32 indexed id, address indexed member, uint64 withdrawableAt);
    event Withdrawn(bytes32 indexed id, address indexed member, uint256 amount);
    event Cut(bytes32 indexed id, address indexed member, uint256 burned, uint256 toReporter, uint256 toHonest);

    /// Hub only. Takes the amount from the member, who has approved the vault; cancels an exit.
    function lock(bytes32 id, IERC20 token, address member, uint256 amount) external;

    /// Hub only. Takes at most `amount` of the stake: parts are burned, for the reporter to withdraw (burned too if zero) and sent to the
    /// hub for the honest (burned too unless `toHonest`). Returns what was taken and what the hub was sent.
    function slash(bytes32 id, address member, uint256 amount, address reporter, bool toHonest)
        external
        returns (uint256 taken, uint256 honest);

    /// Hub only. The stake can be withdrawn `delay` seconds from now.
    function startExit(bytes32 id, address member, uint64 delay) external;

    function withdraw(bytes32 id) external;

    /// Rewards of reporters.
    function withdrawReports(IERC20 token) external;

    function stakeOf(bytes32 id, address member) external view returns (uint256);
    function withdrawableAt(bytes32 id, address member) external view returns (uint64);
}
