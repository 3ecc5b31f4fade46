// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGate} from "../interfaces/IGate.sol";

/// World ID's router of identity managers, as deployed.
interface IWorldID {
    /// Reverts unless the proof holds.
    function verifyProof(
        uint256 root,
        uint256 groupId,
        uint256 signalHash,
        uint256 nullifierHash,
        uint256 externalNullifierHash,
        uint256[8] calldata proof
    ) external view;
}

/// A call to an address without code would prove anything.
error NoWorldId(address worldId);

/// Humans that World ID knows may join: a person is its nullifier, the same for every address of a human in a task, and unlinkable
/// from one task to another.
///
/// Signal: the member's address, so that nobody else can use the proof. External nullifier: hash(hash(appId) ‖ action ‖ task), which
/// clients make with the application's id and the action solidityEncode(["string", "bytes32"], [action, task]); hash is keccak256 >> 8.
contract WorldIdGate is IGate {
    IWorldID public immutable worldId;
    /// 1: verified by an orb.
    uint256 public immutable groupId;
    string public appId;
    string public action;

    constructor(IWorldID worldId_, uint256 groupId_, string memory appId_, string memory action_) {
        if (address(worldId_).code.length == 0) revert NoWorldId(address(worldId_));
        worldId = worldId_;
        groupId = groupId_;
        appId = appId_;
        action = action_;
    }

    /// @inheritdoc IGate
    /// @dev evidence: abi.encode(uint256 root, uint256 nullifierHash, uint256[8] proof).
    function admit(bytes32 id, address member, bytes calldata evidence) external view returns (bytes32 person) {
        (uint256 root, uint256 nullifier, uint256[8] memory proof) = abi.decode(evidence, (uint256, uint256, uint256[8]));
        worldId.verifyProof(root, groupId, _hash(abi.encodePacked(member)), nullifier, externalNullifier(id), proof);
        return bytes32(nullifier);
    }

    /// What a human may do once.
    function externalNullifier(bytes32 id) public view returns (uint256) {
        return _hash(abi.encodePacked(_hash(abi.encodePacked(appId)), action, id));
    }

    /// Into the field.
    function _hash(bytes memory data) private pure returns (uint256) {
        return uint256(keccak256(data)) >> 8;
    }
}
