// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Who may join a task. A gate keeps nothing: the hub takes every person once per task.
interface IGate {
    /// The person behind `member`, by the evidence given; the same person always gets the same value. Reverts for whoever may not join.
    function admit(bytes32 id, address member, bytes calldata evidence) external view returns (bytes32 person);
}
