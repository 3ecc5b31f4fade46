// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The contracts of a verifier hand each other structures as they lie in memory: what the caller has allocated from BASE on stands at
/// the same addresses in the callee, and what the callee allocates behind it comes back to its addresses in the caller. So no
/// address in them changes, and nothing is encoded. Only contracts of one build can read each other.
///
/// A function that takes a structure at such an address is called with its argument's type changed to uint256; variables and results
/// of a structure's type would be allocated anew.
library Images {
    /// Above all that the compiler reserves; the first word is the address of the structure handed over.
    uint256 internal constant BASE = 0x800;

    /// Allocations begin behind BASE from now on.
    function begin() internal pure {
        assembly ("memory-safe") {
            if gt(mload(0x40), sub(BASE, 32)) { invalid() }
            mstore(0x40, add(BASE, 32))
        }
    }

    /// The end of what is allocated, and going back to it when nothing allocated since is read any more: less to hand over.
    function mark() internal pure returns (uint256 end) {
        assembly ("memory-safe") {
            end := mload(0x40)
        }
    }

    function release(uint256 end) internal pure {
        assembly ("memory-safe") {
            mstore(0x40, end)
        }
    }

    /// The callee's side of `call`: the structure's address.
    function receive_() internal pure returns (uint256 root) {
        begin();
        assembly ("memory-safe") {
            let length := sub(calldatasize(), 4)
            calldatacopy(BASE, 4, length)
            mstore(0x40, add(BASE, length))
            root := mload(BASE)
        }
    }

    /// Calls a function without arguments of a contract that takes the structure at `root`; its answer is in the return data.
    function call(address target, bytes4 selector, uint256 root) internal view {
        assembly ("memory-safe") {
            mstore(sub(BASE, 32), shr(224, selector))
            mstore(BASE, root)
            let start := sub(BASE, 4)
            let ok := staticcall(gas(), target, start, sub(mload(0x40), start), 0, 0)
            if iszero(and(ok, gt(returndatasize(), 31))) {
                let free := mload(0x40)
                returndatacopy(free, 0, returndatasize())
                revert(free, returndatasize())
            }
        }
    }

    /// The callee reserves the word before what it allocates for `give`.
    function reserve() internal pure returns (uint256 start) {
        assembly ("memory-safe") {
            start := mload(0x40)
            mstore(0x40, add(start, 32))
        }
    }

    /// Ends the call: all that was allocated since `start`, in it the structure at `root`.
    function give(uint256 start, uint256 root) internal pure {
        assembly ("memory-safe") {
            mstore(start, root)
            return(start, sub(mload(0x40), start))
        }
    }

    /// The caller's side of `give`, right after the call: the structure's address.
    function take() internal pure returns (uint256 root) {
        assembly ("memory-safe") {
            let start := mload(0x40)
            returndatacopy(start, 0, returndatasize())
            mstore(0x40, add(start, returndatasize()))
            root := mload(start)
        }
    }
}
