// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {RegistrationLayout} from "./RegistrationLayout.sol";
import {Images} from "./Image.sol";
import {UnknownKey, KeyNotWritten} from "./Errors.sol";

/// A stored key as it lies in memory, right behind Images.BASE, the structures it points to behind it. The first words are a Shape.
struct Key {
    uint256 nW;
    uint256 nD;
    uint256 nb;
    uint256 steps;
    uint256 batch;
    uint256 blocks;
    uint256 records;
    uint256 trainingLength;
    uint256 registrationLength;
    bytes32 digest;
    bytes32 setupDigest;
    uint256 setup; // address of tau G1 (64 bytes) and tau H (128 bytes)
    uint256 tables; // address of the table points
    Program program;
    Layout lay;
    RegistrationLayout registration;
}

/// Keys are the code of contracts that VerifyingKeys creates, at addresses that follow from its own and the key's id: so a verifier
/// reads what VerifyingKeys has checked and written, or nothing. Code begins with a zero byte, so that nobody can run it.
///
/// To the memory of a key applies what Images says: it holds addresses, and only contracts of one build can read it.
library Keys {
    /// Words of the struct Key.
    uint256 internal constant WORDS = 16;
    /// Bytes that the code of a contract may have (EIP-170).
    uint256 internal constant MAX_CODE = 24576;

    // What is created first at an address that only the id decides; it creates a contract from the code it is called with, whose
    // address is that of its first creation, whatever the code. Others may make it create more, at other addresses.
    uint256 private constant CREATOR = 0x67363d3d37363d34f03d5260086018f3;
    uint256 private constant CREATOR_HASH = 0x21c35dbe1b344a2488cf3321d6ce542f8e9f305544ff09e4993a62319a497c1f;

    /// Where a key begins in memory.
    function place() internal pure returns (uint256) {
        unchecked {
            return Images.BASE + 32;
        }
    }

    /// The contract whose code is the key, whether or not it exists.
    function addressOf(address store, bytes32 keyId) internal pure returns (address code) {
        assembly ("memory-safe") {
            let mask := sub(shl(160, 1), 1)
            let input := mload(0x40)
            // 0xff, the creating contract, the salt, the hash of the code
            mstore(input, shl(88, or(shl(160, 0xff), store)))
            mstore(add(input, 21), keyId)
            mstore(add(input, 53), CREATOR_HASH)
            // RLP of the creator and the nonce 1
            let creator := and(keccak256(input, 85), mask)
            mstore(input, shl(72, or(shl(168, 0xd694), or(shl(8, creator), 1))))
            code := and(keccak256(input, 23), mask)
        }
    }

    /// Puts a key into fresh memory; allocations begin behind it from now on.
    function load(address store, bytes32 keyId) internal view returns (uint256 key) {
        Images.begin();
        address code = addressOf(store, keyId);
        if (code.code.length == 0) revert UnknownKey(keyId);
        key = place();
        assembly ("memory-safe") {
            let length := sub(extcodesize(code), 1)
            extcodecopy(code, key, 1, length)
            mstore(0x40, add(key, length))
        }
    }

    /// Words first .. first + n - 1 of a key, to `target`.
    function peek(address store, bytes32 keyId, uint256 target, uint256 first, uint256 n) internal view {
        address code = addressOf(store, keyId);
        if (code.code.length == 0) revert UnknownKey(keyId);
        assembly ("memory-safe") {
            extcodecopy(code, target, add(shl(5, first), 1), shl(5, n))
        }
    }

    /// Stores all memory from the key's place on, less than MAX_CODE bytes, and uses the word before it.
    function write(bytes32 keyId) internal {
        uint256 start = place();
        uint256 length;
        assembly ("memory-safe") {
            length := add(sub(mload(0x40), start), 1)
        }
        assembly ("memory-safe") {
            // PUSH2 length, DUP1, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN, then the code: a zero byte, the key
            mstore(sub(start, 32), or(shl(64, or(shl(16, 0x61), length)), shl(8, 0x80600a3d393df3)))
            mstore(0, CREATOR)
            let creator := create2(0, 16, 16, keyId)
            pop(call(gas(), creator, 0, sub(start, 11), add(length, 10), 0, 0))
        }
        if (addressOf(address(this), keyId).code.length != length) revert KeyNotWritten();
    }
}
