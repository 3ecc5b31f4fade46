// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// One seed per round, never re-rolled. All state is kept by hub (msg.sender of `enrol` and `begin`) and task.
interface IBeacon {
    /// Hub only: a member joined, and its nonces are the hash chain with this tip.
    function enrol(bytes32 id, address member, bytes32 tip) external;

    /// Hub only: the round's set is fixed, and now the source of its randomness is. deadline: when reveals end.
    function begin(bytes32 id, uint32 round, uint32 entered, uint64 deadline) external;

    /// ready: the seed is fixed for ever. present: how many members of the round gave what the beacon asks of them (all, if it asks for
    /// nothing). If as many as were entered, `isPresent` holds for each of them and need not be asked.
    function seed(address hub, bytes32 id, uint32 round) external view returns (bool ready, bytes32 value, uint32 present);

    /// Did the member give what the beacon asks of it in this round?
    function isPresent(address hub, bytes32 id, uint32 round, address member) external view returns (bool);
}
