// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Scalar} from "./Scalar.sol";
import {NonCanonicalCoordinate, NotOnCurve, PrecompileFailed} from "./Errors.sol";

/// Points of G1 in calldata, 64 bytes x || y, (0, 0) the identity; the precompiled contracts of EIP-196 and EIP-197.
library Curve {
    /// p, the order of the coordinates' field.
    uint256 internal constant P = 21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// A sum of points in memory: [x, y] of the sum, then 96 bytes of input for ecMul.
    type Sum is uint256;

    /// V8, V9: n points from calldata position `pos` on. `start` is where the reported offset counts from.
    function check(uint256 pos, uint256 n, uint256 start) internal pure {
        bool ok = true;
        assembly ("memory-safe") {
            for { let k := 0 } lt(k, shl(6, n)) { k := add(k, 64) } {
                let x := calldataload(add(pos, k))
                let y := calldataload(add(pos, add(k, 32)))
                let onCurve := eq(mulmod(y, y, P), addmod(mulmod(mulmod(x, x, P), x, P), 3, P))
                ok := and(ok, and(and(lt(x, P), lt(y, P)), or(onCurve, iszero(or(x, y)))))
            }
        }
        if (!ok) _refuse(pos, start);
    }

    /// V8 or V9 fails: names the first point from `pos` on that is none.
    function _refuse(uint256 pos, uint256 start) private pure {
        unchecked {
            for (;; pos += 64) {
                uint256 x;
                uint256 y;
                assembly ("memory-safe") {
                    x := calldataload(pos)
                    y := calldataload(add(pos, 32))
                }
                if (x >= P) revert NonCanonicalCoordinate(pos - start);
                if (y >= P) revert NonCanonicalCoordinate(pos + 32 - start);
                if (mulmod(y, y, P) != addmod(mulmod(mulmod(x, x, P), x, P), 3, P) && (x | y) != 0) revert NotOnCurve(pos - start);
            }
        }
    }

    /// The bytes of n points.
    function copy(uint256 pos, uint256 n) internal pure returns (bytes memory out) {
        out = new bytes(64 * n);
        assembly ("memory-safe") {
            calldatacopy(add(out, 32), pos, mload(out))
        }
    }

    function zero() internal pure returns (Sum sum) {
        uint256[5] memory buffer;
        assembly ("memory-safe") {
            sum := buffer
        }
    }

    /// sum += scalar * (point at calldata position `pos`)
    function addProduct(Sum sum, uint256 pos, Scalar scalar) internal view {
        assembly ("memory-safe") {
            calldatacopy(add(sum, 64), pos, 64)
        }
        _addProduct(sum, scalar);
    }

    /// sum += scalar * (point at address `pos` of memory)
    function addStored(Sum sum, uint256 pos, Scalar scalar) internal view {
        assembly ("memory-safe") {
            mcopy(add(sum, 64), pos, 64)
        }
        _addProduct(sum, scalar);
    }

    /// sum += scalar * generator
    function addGenerator(Sum sum, Scalar scalar) internal view {
        assembly ("memory-safe") {
            mstore(add(sum, 64), 1)
            mstore(add(sum, 96), 2)
        }
        _addProduct(sum, scalar);
    }

    /// sum -= point at calldata position `pos`
    function subtractPoint(Sum sum, uint256 pos) internal view {
        bool ok;
        assembly ("memory-safe") {
            mstore(add(sum, 64), calldataload(pos))
            mstore(add(sum, 96), mod(sub(P, calldataload(add(pos, 32))), P))
            ok := staticcall(gas(), 6, sum, 128, sum, 64)
            ok := and(ok, eq(returndatasize(), 64))
        }
        if (!ok) revert PrecompileFailed();
    }

    function _addProduct(Sum sum, Scalar scalar) private view {
        bool ok;
        assembly ("memory-safe") {
            mstore(add(sum, 128), scalar)
            let product := add(sum, 64)
            ok := staticcall(gas(), 7, product, 96, product, 64)
            ok := and(ok, eq(returndatasize(), 64))
            ok := and(staticcall(gas(), 6, sum, 128, sum, 64), ok)
            ok := and(ok, eq(returndatasize(), 64))
        }
        if (!ok) revert PrecompileFailed();
    }

    /// Whether a point of G1 and one of G2, from calldata position `pos` on, are the same multiple of the generators: e(a, H) = e(G, b).
    /// False too if either is none.
    function sameFactor(uint256 pos) internal view returns (bool holds) {
        assembly ("memory-safe") {
            let input := mload(0x40)
            calldatacopy(input, pos, 64)
            mstore(add(input, 64), 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
            mstore(add(input, 96), 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
            mstore(add(input, 128), 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b)
            mstore(add(input, 160), 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
            mstore(add(input, 192), 1)
            mstore(add(input, 224), sub(P, 2))
            calldatacopy(add(input, 256), add(pos, 64), 128)
            mstore(0, 0)
            let ok := staticcall(gas(), 8, input, 384, 0, 32)
            holds := and(and(ok, eq(returndatasize(), 32)), eq(mload(0), 1))
        }
    }

    /// e(sum, H) = e(w, tau H), with H the generator of G2, w at a calldata position and tau H at an address of memory.
    function pairingHolds(Sum sum, uint256 w, uint256 tauH) internal view returns (bool holds) {
        bool ok;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mcopy(input, sum, 64)
            mstore(add(input, 64), 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
            mstore(add(input, 96), 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
            mstore(add(input, 128), 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b)
            mstore(add(input, 160), 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
            mstore(add(input, 192), calldataload(w))
            mstore(add(input, 224), mod(sub(P, calldataload(add(w, 32))), P))
            mcopy(add(input, 256), tauH, 128)
            ok := staticcall(gas(), 8, input, 384, 0, 32)
            ok := and(ok, eq(returndatasize(), 32))
            holds := eq(mload(0), 1)
        }
        if (!ok) revert PrecompileFailed();
    }
}
