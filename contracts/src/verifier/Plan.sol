// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program, Programs} from "./Program.sol";
import {Layout, Layouts} from "./Layout.sol";

/// A program and its layout.
struct Plan {
    Program program;
    Layout lay;
}

/// A plan as bytes: the memory it occupies, with the addresses in it counted from its start. Both structures hold their arrays
/// first, and nothing else in them is an address.
library Plans {
    uint256 private constant PROGRAM_ARRAYS = 2;
    uint256 private constant LAYOUT_ARRAYS = 11;

    /// Decodes the program and computes its layout (sections 1 and 2).
    function pack(bytes calldata program) internal pure returns (bytes memory image) {
        // what is allocated from here on is the image
        assembly ("memory-safe") {
            image := mload(0x40)
            mstore(0x40, add(image, 32))
        }
        Plan memory plan = _plan(program);
        assembly ("memory-safe") {
            // the compiler allocates a structure before its members
            let start := add(image, 32)
            if iszero(eq(plan, start)) { invalid() }
            mstore(image, sub(mload(0x40), start))
        }
        _move(plan.program, plan.lay, true, image);
    }

    function _plan(bytes calldata program) private pure returns (Plan memory plan) {
        Programs.decode(plan.program, program);
        Layouts.compute(plan.program, plan.lay);
    }

    /// The plan of an image, which it takes over.
    function unpack(bytes memory image) internal pure returns (Program memory program, Layout memory lay) {
        assembly ("memory-safe") {
            let start := add(image, 32)
            program := add(start, mload(start))
            lay := add(start, mload(add(start, 32)))
        }
        _move(program, lay, false, image);
    }

    /// Makes addresses relative to the start of the image, or absolute.
    function _move(Program memory program, Layout memory lay, bool toRelative, bytes memory image) private pure {
        assembly ("memory-safe") {
            let start := add(image, 32)
            let shift := start
            if toRelative { shift := sub(0, start) }
            for { let k := 0 } lt(k, PROGRAM_ARRAYS) { k := add(k, 1) } {
                let field := add(program, shl(5, k))
                mstore(field, add(mload(field), shift))
            }
            for { let k := 0 } lt(k, LAYOUT_ARRAYS) { k := add(k, 1) } {
                let field := add(lay, shl(5, k))
                mstore(field, add(mload(field), shift))
            }
            mstore(start, add(mload(start), shift))
            mstore(add(start, 32), add(mload(add(start, 32)), shift))
        }
    }
}
