// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IGate} from "../interfaces/IGate.sol";

/// The proof does not lead from the member to the root.
error NotInTree(address member);

/// Those on a list may join, which is known by the root of a Merkle tree: leaves keccak256(keccak256(abi.encode(address))), the two below a
/// node sorted (OpenZeppelin's StandardMerkleTree of type address). A person is an address.
contract MerkleGate is IGate {
    bytes32 public immutable root;

    constructor(bytes32 root_) {
        root = root_;
    }

    /// @inheritdoc IGate
    /// @dev evidence: abi.encode(bytes32[] siblings), from the leaf up.
    function admit(bytes32, address member, bytes calldata evidence) external view returns (bytes32 person) {
        bytes32[] memory siblings = abi.decode(evidence, (bytes32[]));
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(member))));
        if (!MerkleProof.verify(siblings, root, leaf)) revert NotInTree(member);
        return bytes32(uint256(uint160(member)));
    }
}
