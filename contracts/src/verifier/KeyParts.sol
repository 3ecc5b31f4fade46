// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Key, Keys} from "./Key.sol";
import {Program} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {RegistrationLayout} from "./RegistrationLayout.sol";
import {Curve} from "./Curve.sol";
import {Files} from "./Files.sol";
import {KeyTooLong, WrongSetup, WrongTable} from "./Errors.sol";

/// What a key consists of besides its program (docs/protocol.md, sections 7 and 8): digests, table points, setup.
library KeyParts {
    function digest(bytes calldata program, bytes calldata tables) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked("fedproof/key/2", keccak256(program), uint8(tables.length / 64), tables));
    }

    function setupDigest(bytes calldata setup) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked("fedproof/setup/1", setup));
    }

    /// n points, by V8 and V9; offsets of errors count from the first.
    function checkTables(bytes calldata tables, uint256 n) internal pure {
        if (tables.length != 64 * n) revert WrongTable();
        uint256 pos = Files.position(tables);
        Curve.check(pos, n, pos);
    }

    /// tau G1 (64 bytes) and tau H (128 bytes) in their groups, of one tau that is not zero.
    function checkSetup(bytes calldata setup) internal view {
        if (setup.length != 192) revert WrongSetup();
        if (uint256(bytes32(setup[:32])) | uint256(bytes32(setup[32:64])) == 0) revert WrongSetup();
        if (!Curve.sameFactor(Files.position(setup))) revert WrongSetup();
    }

    /// The key's first words.
    function shape(Key memory key, Program memory program, Layout memory lay, RegistrationLayout memory registration)
        internal
        pure
    {
        unchecked {
            key.nW = lay.nW;
            key.nD = lay.nD;
            key.nb = lay.nb;
            key.steps = program.steps;
            key.batch = program.batch;
            key.blocks = program.blocks;
            key.records = key.steps * key.batch;
            key.trainingLength = Files.HEADER + lay.bodyLength;
            key.registrationLength = Files.HEADER + registration.bodyLength;
        }
    }

    // --- memory: what a key points to, without gaps ------------------------------------------------------------------------

    /// Returns the key's place; allocations begin behind all that the code of a contract can hold.
    function begin() internal pure returns (uint256 place) {
        place = Keys.place();
        uint256 behind = place + Keys.MAX_CODE;
        assembly ("memory-safe") {
            mstore(0x40, behind)
        }
    }

    /// Copies all parts to behind the key; allocations begin behind them from now on.
    function keep(
        Key memory key,
        Program memory program,
        Layout memory lay,
        RegistrationLayout memory registration,
        bytes calldata tables,
        bytes calldata setup
    ) internal pure {
        uint256 at_ = Keys.place() + 32 * Keys.WORDS;
        uint256[3] memory parts;
        assembly ("memory-safe") {
            mstore(parts, program)
            mstore(add(parts, 32), lay)
            mstore(add(parts, 64), registration)
        }
        uint256 before = at_;
        at_ = _structure(at_, parts[0], PROGRAM_WORDS, PROGRAM_ARRAYS);
        (parts[0], before) = (before, at_);
        at_ = _structure(at_, parts[1], LAYOUT_WORDS, LAYOUT_ARRAYS);
        (parts[1], before) = (before, at_);
        at_ = _structure(at_, parts[2], REGISTRATION_WORDS, REGISTRATION_ARRAYS);
        parts[2] = before;
        key.tables = at_;
        at_ = _bytes(at_, tables);
        key.setup = at_;
        at_ = _bytes(at_, setup);
        assembly ("memory-safe") {
            mcopy(add(key, PARTS), parts, 96)
            mstore(0x40, at_)
        }
    }

    // The first words of these structures are their arrays of words.
    uint256 private constant PROGRAM_WORDS = 29;
    uint256 private constant PROGRAM_ARRAYS = 5;
    uint256 private constant LAYOUT_WORDS = 45;
    uint256 private constant LAYOUT_ARRAYS = 12;
    uint256 private constant REGISTRATION_WORDS = 8;
    uint256 private constant REGISTRATION_ARRAYS = 2;
    // of the program, the layouts in a Key
    uint256 private constant PARTS = 416;

    /// Copies a structure and its arrays to `target`; the address behind them.
    function _structure(uint256 target, uint256 source, uint256 words, uint256 arrays) private pure returns (uint256 end) {
        unchecked {
            end = _copy(target, source, words);
            for (uint256 k = 0; k < arrays; ++k) {
                uint256 array;
                uint256 length;
                assembly ("memory-safe") {
                    array := mload(add(source, shl(5, k)))
                    length := mload(array)
                }
                // an empty array stays where the compiler has it
                if (length == 0) continue;
                uint256 moved = end;
                end = _copy(moved, array, length + 1);
                assembly ("memory-safe") {
                    mstore(add(target, shl(5, k)), moved)
                }
            }
        }
    }

    function _copy(uint256 target, uint256 source, uint256 words) private pure returns (uint256 end) {
        end = _end(target, 32 * words);
        assembly ("memory-safe") {
            mcopy(target, source, shl(5, words))
        }
    }

    function _bytes(uint256 target, bytes calldata data) private pure returns (uint256 end) {
        end = _end(target, data.length);
        assembly ("memory-safe") {
            calldatacopy(target, data.offset, data.length)
        }
    }

    /// Nothing may reach what is yet to be copied.
    function _end(uint256 target, uint256 length) private pure returns (uint256 end) {
        end = target + length;
        if (end - Keys.place() >= Keys.MAX_CODE) revert KeyTooLong(end - Keys.place() + 1);
    }
}
