// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ProgramReader} from "../ProgramReader.sol";
import {Program, Programs} from "./Program.sol";
import {Bounds} from "./Bounds.sol";
import {Layout, Layouts} from "./Layout.sol";
import {Images} from "./Image.sol";

/// A program and its layout.
struct Plan {
    Program program;
    Layout lay;
}

library Plans {
    /// Decodes the program and computes its layout (sections 1 and 2).
    function compute(bytes calldata program) internal pure returns (Plan memory plan) {
        Programs.decode(plan.program, program);
        Bounds.check(plan.program);
        Layouts.compute(plan.program, plan.lay);
    }

    /// The address of the plan that the reader computes.
    function read(ProgramReader reader, bytes calldata program) internal view returns (uint256) {
        uint256 free;
        assembly ("memory-safe") {
            free := mload(0x40)
        }
        bytes memory input = abi.encodeCall(ProgramReader.read, (program, free));
        assembly ("memory-safe") {
            // the input makes way for the answer
            let ok := staticcall(gas(), reader, add(input, 32), mload(input), 0, 0)
            mstore(0x40, free)
            if iszero(and(ok, gt(returndatasize(), 31))) {
                returndatacopy(free, 0, returndatasize())
                revert(free, returndatasize())
            }
        }
        return Images.take();
    }
}
