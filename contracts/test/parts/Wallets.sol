// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// A contract that signs by the key of its owner (ERC-1271).
contract Wallet is IERC1271 {
    address private immutable _owner;

    constructor(address owner) {
        _owner = owner;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        return ECDSA.recover(digest, signature) == _owner ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// World ID's router as a test tells it: exactly one proof holds.
contract FakeWorldId {
    bytes32 private _accepted;

    function accept(uint256 root, uint256 group, uint256 signal, uint256 nullifier, uint256 external_, uint256[8] calldata proof)
        external
    {
        _accepted = keccak256(abi.encode(root, group, signal, nullifier, external_, proof));
    }

    function verifyProof(
        uint256 root,
        uint256 group,
        uint256 signal,
        uint256 nullifier,
        uint256 external_,
        uint256[8] calldata proof
    ) external view {
        require(_accepted == keccak256(abi.encode(root, group, signal, nullifier, external_, proof)), "InvalidProof");
    }
}
