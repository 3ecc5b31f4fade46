// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scalar, R} from "./Scalar.sol";
import {Curve} from "./Curve.sol";
import {NonCanonicalScalar} from "./Errors.sol";

/// Labels (section 7).
library Label {
    uint256 internal constant STATEMENT = 0x01;
    uint256 internal constant COLUMNS = 0x10;
    uint256 internal constant UPDATE = 0x11;
    uint256 internal constant MASK = 0x12;
    uint256 internal constant HELPERS = 0x13;
    uint256 internal constant DEGREE = 0x14;
    uint256 internal constant S1A_FOLD = 0x20;
    uint256 internal constant S1A_VALUES = 0x21;
    uint256 internal constant S1B_FOLD = 0x22;
    uint256 internal constant S1B_VALUES = 0x23;
    uint256 internal constant S2_FOLD = 0x24;
    uint256 internal constant S2_VALUES = 0x25;
    uint256 internal constant TABLE_VALUES = 0x26;
    uint256 internal constant S3_FOLD = 0x27;
    uint256 internal constant S_PRIME = 0x30;
    uint256 internal constant E1 = 0x31;
    uint256 internal constant QUOTIENT = 0x32;
    uint256 internal constant OPENING = 0x33;

    uint256 internal constant ALPHA = 0x40;
    uint256 internal constant GAMMA = 0x41;
    uint256 internal constant ZETA = 0x42;
    uint256 internal constant OMEGA = 0x43;
    uint256 internal constant RHO_T = 0x44;
    uint256 internal constant RHO_B = 0x45;
    uint256 internal constant RHO_J = 0x46;
    uint256 internal constant U = 0x47;
    uint256 internal constant ETA = 0x48;
    uint256 internal constant TAU = 0x49;
    uint256 internal constant CHI = 0x4a;
    uint256 internal constant KAPPA = 0x4b;
    uint256 internal constant XI = 0x4c;
    uint256 internal constant S1A_POINT = 0x50;
    uint256 internal constant S1B_POINT = 0x51;
    uint256 internal constant S2_POINT = 0x52;
    uint256 internal constant S3_POINT = 0x53;
    uint256 internal constant Z = 0x54;
    uint256 internal constant NU = 0x55;
    uint256 internal constant X = 0x56;
    uint256 internal constant RHO_REC = 0x57;
}

struct Transcript {
    bytes32 state;
    // calldata position of what is read next, and of the proof's body
    uint256 cursor;
    uint256 body;
}

/// The transcript reads the proof (section 7): nothing can be in the proof and missing from the hash. Strict decoding, V7 to V9.
/// The body's length was checked before (V4), so reading never passes its end.
library Transcripts {
    function start(bytes32 domain, uint256 body) internal pure returns (Transcript memory t) {
        t.state = domain;
        t.cursor = body;
        t.body = body;
    }

    /// state = keccak256(state || 0x00 || label || index || length || data), the data being in calldata.
    function absorb(Transcript memory t, uint256 label, uint256 index, uint256 pos, uint256 length) internal pure {
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, mload(t))
            mstore(add(input, 32), or(or(shl(240, label), shl(224, index)), shl(192, length)))
            calldatacopy(add(input, 40), pos, length)
            mstore(t, keccak256(input, add(40, length)))
        }
    }

    /// keccak256(state || 0x01 || label || index) >> 3: below 2^253 < r.
    function draw(Transcript memory t, uint256 label, uint256 index) internal pure returns (Scalar value) {
        assembly ("memory-safe") {
            mstore(0, mload(t))
            mstore(32, or(or(shl(248, 1), shl(240, label)), shl(224, index)))
            value := shr(3, keccak256(0, 36))
        }
    }

    function draw(Transcript memory t, uint256 label) internal pure returns (Scalar) {
        return draw(t, label, 0);
    }

    /// Draws the n variables of a point into `out` from position `pos` on; their indices begin at `first`.
    function drawInto(Transcript memory t, uint256 label, uint256 first, Scalar[] memory out, uint256 pos, uint256 n)
        internal
        pure
    {
        assembly ("memory-safe") {
            mstore(0, mload(t))
            let head := or(or(shl(248, 1), shl(240, label)), shl(224, first))
            let target := add(out, shl(5, add(pos, 1)))
            let end := shl(5, n)
            for { let k := 0 } lt(k, end) { k := add(k, 32) } {
                mstore(32, head)
                mstore(add(target, k), shr(3, keccak256(0, 36)))
                head := add(head, shl(224, 1))
            }
        }
    }

    function drawPoint(Transcript memory t, uint256 label, uint256 n) internal pure returns (Scalar[] memory out) {
        out = new Scalar[](n);
        drawInto(t, label, 0, out, 0, n);
    }

    /// Reads and binds n points; their calldata position.
    function readPoints(Transcript memory t, uint256 label, uint256 n) internal pure returns (uint256 pos) {
        unchecked {
            pos = t.cursor;
            Curve.check(pos, n, t.body);
            absorb(t, label, 0, pos, 64 * n);
            t.cursor = pos + 64 * n;
        }
    }

    /// Reads and binds n scalars.
    function readScalars(Transcript memory t, uint256 label, uint256 n) internal pure returns (Scalar[] memory out) {
        out = new Scalar[](n);
        uint256 pos = t.cursor;
        absorb(t, label, 0, pos, n << 5);
        bool canonical = true;
        assembly ("memory-safe") {
            let r := R
            let length := shl(5, n)
            calldatacopy(add(out, 32), pos, length)
            for { let k := 0 } lt(k, length) { k := add(k, 32) } {
                canonical := and(canonical, lt(calldataload(add(pos, k)), r))
            }
        }
        if (!canonical) refuse(t, pos);
        t.cursor = pos + (n << 5);
    }

    function readScalar(Transcript memory t, uint256 label) internal pure returns (Scalar value) {
        uint256 pos = t.cursor;
        absorb(t, label, 0, pos, 32);
        assembly ("memory-safe") {
            value := calldataload(pos)
        }
        if (Scalar.unwrap(value) >= R) refuse(t, pos);
        t.cursor = pos + 32;
    }

    /// V7 fails: names the first scalar from `pos` on that is not canonical.
    function refuse(Transcript memory t, uint256 pos) internal pure {
        while (true) {
            uint256 value;
            assembly ("memory-safe") {
                value := calldataload(pos)
            }
            if (value >= R) revert NonCanonicalScalar(pos - t.body);
            pos += 32;
        }
    }
}
