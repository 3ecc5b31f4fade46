// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITrainingVerifier} from "../interfaces/ITrainingVerifier.sol";
import {WrongPointsLength} from "./HubErrors.sol";

/// Asks a verifier, with the proof's file copied once from this call's data to that one's.
library Verifying {
    /// Returns the points of [W_out], nW of them, and the hash of the file, or reverts as the verifier does.
    function training(ITrainingVerifier verifier, bytes32 keyId, bytes memory statement, bytes calldata file, uint256 nW)
        internal
        view
        returns (bytes memory update, bytes32 proof)
    {
        uint256 end;
        (end, proof) = _ask(keyId, statement, file);
        update = _answer(verifier, end, 64 * nW);
    }

    /// Puts the question at the end of memory, without allocating it: selector, key, where the two lie, and both (length, bytes, zeros up to
    /// a whole word).
    function _ask(bytes32 keyId, bytes memory statement, bytes calldata file) private pure returns (uint256 end, bytes32 proof) {
        bytes4 selector = ITrainingVerifier.verifyTraining.selector;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, selector)
            mstore(add(input, 4), keyId)
            mstore(add(input, 36), 96)
            let length := mload(statement)
            mcopy(add(input, 100), statement, add(length, 32))
            mstore(add(add(input, 132), length), 0)
            let padded := and(add(length, 31), not(31))
            mstore(add(input, 68), add(padded, 128))
            let at := add(add(input, 164), padded)
            mstore(sub(at, 32), file.length)
            calldatacopy(at, file.offset, file.length)
            mstore(add(at, file.length), 0)
            proof := keccak256(at, file.length)
            end := add(at, and(add(file.length, 31), not(31)))
        }
    }

    /// The answer (where it lies, length, bytes) takes the place of the question.
    function _answer(ITrainingVerifier verifier, uint256 end, uint256 points) private view returns (bytes memory update) {
        uint256 got = 0;
        assembly ("memory-safe") {
            update := mload(0x40)
            if iszero(staticcall(gas(), verifier, update, sub(end, update), 0, 0)) {
                returndatacopy(update, 0, returndatasize())
                revert(update, returndatasize())
            }
            if eq(returndatasize(), add(points, 64)) {
                returndatacopy(update, 32, add(points, 32))
                got := mload(update)
                mstore(0x40, add(update, add(points, 32)))
            }
        }
        if (got != points) revert WrongPointsLength(points, got);
    }
}
