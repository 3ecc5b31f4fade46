// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Program} from "./Program.sol";
import {Layout} from "./Layout.sol";
import {CloseLayouts} from "./CloseLayout.sol";
import {Curve} from "./Curve.sol";
import {WrongMagic, UnsupportedVersion, WrongKind, WrongLength, WrongStatement, WrongSetup} from "./Errors.sol";
import {Vectors} from "./Vectors.sol";

uint256 constant TRAINING = 1;
uint256 constant REGISTRATION = 2;
uint256 constant CLOSE = 3;

/// A statement in calldata: positions of its points and what its numbers are.
struct Statement {
    uint256 start; // [W_0], training only
    uint256 data; // [D]
    uint256[] pi;
    uint256 beta;
    uint256 count;
}

/// A close's statement: calldata positions of its points, and how many updates it adds up.
struct CloseStatement {
    uint256 sum; // [S]
    uint256 next; // [W']
    uint256 count;
}

/// Bytes around the proof (sections 5, 7 and 8): proof file, statements. Checks V1 to V6.
library Files {
    using Vectors for uint256[];
    uint256 private constant VERSION = 2;
    uint256 internal constant HEADER = 11;

    /// V1 to V4; the calldata position of the body.
    function body(bytes calldata file, uint256 kind, uint256 bodyLength) internal pure returns (uint256 pos) {
        unchecked {
            if (file.length < HEADER || bytes8(file[:8]) != "FEDPROOF") revert WrongMagic();
            uint256 version = uint16(bytes2(file[8:10]));
            if (version != VERSION) revert UnsupportedVersion(VERSION, version);
            if (uint8(file[10]) != kind) revert WrongKind(kind, uint8(file[10]));
            if (file.length - HEADER != bodyLength) revert WrongLength(bodyLength, file.length - HEADER);
            assembly ("memory-safe") {
                pos := add(file.offset, HEADER)
            }
        }
    }

    /// V5, V6, and the statement's points by V8, V9.
    function trainingStatement(bytes calldata data, Program memory p, Layout memory lay, bytes32 key, bytes32 setup)
        internal
        pure
        returns (Statement memory statement)
    {
        unchecked {
            // seven words, [W_0], dataset id, [D], pi, beta, count
            uint256 w0 = 7 * 32;
            uint256 d = w0 + 64 * lay.nW + 32;
            uint256 pi = d + 64 * lay.nD;
            uint256 beta = pi + lay.nb;
            if (data.length != beta + 64) revert WrongStatement("length");
            if (_word(data, 5) != uint256(key)) revert WrongStatement("key");
            statement.start = position(data) + w0;
            statement.data = position(data) + d;
            statement.beta = uint256(bytes32(data[beta:beta + 32]));
            statement.count = uint256(bytes32(data[beta + 32:beta + 64]));
            statement.pi = _permutation(data[pi:beta]);
            if (statement.beta >= p.blocks) revert WrongStatement("schedule");
            if (statement.count > p.steps * p.batch) revert WrongStatement("count");
            if (_word(data, 6) != uint256(setup)) revert WrongSetup();
            Curve.check(statement.start, lay.nW, position(data));
            Curve.check(statement.data, lay.nD, position(data));
        }
    }

    /// V5, V6, and the statement's points by V8, V9.
    function registrationStatement(bytes calldata data, Program memory p, Layout memory lay, bytes32 key, bytes32 setup)
        internal
        pure
        returns (Statement memory statement)
    {
        unchecked {
            // seven words, [D], count
            uint256 d = 7 * 32;
            uint256 count = d + 64 * lay.nD;
            if (data.length != count + 32) revert WrongStatement("length");
            if (_word(data, 4) != uint256(key)) revert WrongStatement("key");
            statement.data = position(data) + d;
            statement.count = uint256(bytes32(data[count:count + 32]));
            if (statement.count > p.blocks * p.batch) revert WrongStatement("count");
            if (_word(data, 5) != uint256(setup)) revert WrongSetup();
            Curve.check(statement.data, lay.nD, position(data));
        }
    }

    /// V5, V6, and the statement's points by V8, V9.
    function closeStatement(bytes calldata data, Layout memory lay, bytes32 key, bytes32 setup)
        internal
        pure
        returns (CloseStatement memory statement)
    {
        unchecked {
            // seven words, [S], [W'], count
            uint256 next = 7 * 32 + 64 * lay.nW;
            uint256 count = next + 64 * lay.nW;
            if (data.length != count + 32) revert WrongStatement("length");
            if (_word(data, 5) != uint256(key)) revert WrongStatement("key");
            statement.sum = position(data) + 7 * 32;
            statement.next = position(data) + next;
            statement.count = uint256(bytes32(data[count:count + 32]));
            if (statement.count == 0 || statement.count >> CloseLayouts.COUNT_BITS != 0) revert WrongStatement("count");
            if (_word(data, 6) != uint256(setup)) revert WrongSetup();
            Curve.check(statement.sum, 2 * lay.nW, position(data));
        }
    }

    /// One byte an entry; every position must occur once.
    function _permutation(bytes calldata data) private pure returns (uint256[] memory pi) {
        unchecked {
            uint256 n = data.length;
            pi = new uint256[](n);
            uint256 seen = 0;
            for (uint256 k = 0; k < n; ++k) {
                pi.set(k, uint8(data[k]));
                seen |= 1 << pi.get(k);
            }
            if (seen != (1 << n) - 1) revert WrongStatement("schedule");
        }
    }

    function _word(bytes calldata data, uint256 i) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(data.offset, shl(5, i)))
        }
    }

    /// Where the bytes begin in calldata.
    function position(bytes calldata data) internal pure returns (uint256 pos) {
        assembly ("memory-safe") {
            pos := data.offset
        }
    }
}
