// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase} from "./TestBase.sol";
import {Images} from "../src/verifier/Image.sol";
import {IllegalProgram} from "../src/verifier/Errors.sol";

/// Every limit of a program, one byte away from a legal one.
contract ProgramsTest is TestBase {
    function program(string memory file) private view returns (bytes memory p) {
        p = load(file, 0).program;
        reader.read(p, Images.BASE);
    }

    function illegal(bytes memory p, uint256 pos, uint8 value, bytes32 field) private view {
        bytes1 before = p[pos];
        p[pos] = bytes1(value);
        string memory why = string.concat("byte ", vm.toString(pos), " = ", vm.toString(uint256(value)));
        try reader.read(p, Images.BASE) {
            revert(string.concat("legal although ", why));
        } catch (bytes memory reason) {
            assertEq(reason, abi.encodeWithSelector(IllegalProgram.selector, field), why);
        }
        p[pos] = before;
    }

    /// L = 2, sigmoid, plain kernel: 57 bytes.
    function test_fields() external view {
        bytes memory p = program("reference-relu");
        illegal(p, 0, 0x66, "version");
        illegal(p, 5, 1, "version");
        illegal(p, 5, 3, "version");
        illegal(p, 6, 4, "loss");
        illegal(p, 7, 2, "one_hot");
        illegal(p, 7, 1, "one_hot"); // of one output
        illegal(p, 8, 0, "layers");
        illegal(p, 8, 17, "layers");
        illegal(p, 8, 16, "length");
        illegal(p, 12, 0, "dims");
        illegal(p, 10, 2, "dims");
        illegal(p, 21, 7, "activations");
        illegal(p, 25, 0, "steps");
        illegal(p, 23, 1, "steps");
        illegal(p, 24, 0xff, "limb_bits"); // 65,282 steps: five limbs
        illegal(p, 29, 3, "batch");
        illegal(p, 29, 0, "batch");
        illegal(p, 26, 1, "batch");
        illegal(p, 33, 3, "blocks");
        illegal(p, 30, 1, "blocks");
        illegal(p, 34, 3, "bits");
        illegal(p, 34, 17, "bits");
        illegal(p, 35, 3, "limb_bits");
        illegal(p, 35, 21, "limb_bits");
        illegal(p, 36, 3, "weight_bits");
        illegal(p, 36, 49, "weight_bits");
        illegal(p, 37, 0, "activation_bits");
        illegal(p, 37, 4, "activation_bits");
        illegal(p, 38, 1, "delta_bits");
        illegal(p, 38, 5, "delta_bits");
        illegal(p, 39, 7, "bound_bits");
        illegal(p, 39, 8, "bound_bits"); // below the initial weights
        illegal(p, 39, 57, "bound_bits");
        illegal(p, 40, 0, "openings");
        illegal(p, 40, 17, "openings");
        illegal(p, 41, 1, "group");
        illegal(p, 41, 13, "group");
        illegal(p, 42, 3, "vector_bits"); // below bits
        illegal(p, 42, 6, "vector_bits"); // too short for the masks
        illegal(p, 42, 25, "vector_bits");
        illegal(p, 46, 1, "huber"); // of another loss
        illegal(p, 47, 2, "weights");
        illegal(p, 47, 1, "length");
        illegal(p, 48, 2, "kernel");
        illegal(p, 48, 1, "length");
        illegal(p, 56, 0, "kernel");
        illegal(p, 50, 1, "kernel");
        illegal(p, 52, 0xff, "limb_bits"); // five limbs
    }

    function test_lengths() external view {
        bytes memory p = program("reference-relu");
        illegal(bytes.concat(p, hex"00"), 0, 0x46, "length");
        illegal("FPRG", 0, 0x46, "version");
        illegal(new bytes(1), 0, 0, "version");
        bytes[3] memory programs = [p, program("reference-multi-label"), program("reference-huber-momentum")];
        for (uint256 k = 0; k < 3; ++k) {
            for (uint256 n = 0; n < programs[k].length; ++n) {
                bytes memory cut = new bytes(n);
                for (uint256 i = 0; i < n; ++i) {
                    cut[i] = programs[k][i];
                }
                (bool ok,) = address(reader).staticcall(abi.encodeCall(reader.read, (cut, Images.BASE)));
                assertTrue(!ok, "a shorter program");
            }
        }
    }

    /// L = 1, T = 3, class weights, explicit kernel
    function test_softmax() external view {
        bytes memory p = program("reference-weighted-softmax");
        illegal(p, 7, 0, "length"); // twice as many weights
        illegal(p, 33, 4, "delta_bits");
        p = program("reference-softmax-gelu"); // L = 2, no weights
        illegal(p, 7, 0, "one_hot");
        illegal(p, 20, 1, "dims");
        illegal(p, 19, 1, "weight_bits"); // 259 outputs
    }

    /// L = 2, T = 5, explicit kernel: kappa from byte 50 on, c from byte 90 on
    function test_huber_and_kernels() external view {
        bytes memory p = program("reference-huber-momentum");
        illegal(p, 7, 1, "one_hot");
        illegal(p, 46, 0, "huber");
        illegal(p, 46, 16, "huber");
        illegal(p, 24, 1, "kernel"); // 261 steps
        illegal(p, 25, 4, "length");
        illegal(p, 49, 33, "kernel");
        illegal(p, 50, 0x02, "kernel"); // above 2^56
        illegal(p, 50, 0xfe, "kernel"); // below -2^56
        illegal(p, 90, 0x80, "kernel");
        illegal(p, 91, 0x80, "kernel"); // c = 2^55
        illegal(p, 51, 0x80, "kernel"); // kappa = 2^55
    }

    /// L = 2, pairs of label weights
    function test_label_weights() external view {
        bytes memory p = program("reference-multi-label");
        illegal(p, 6, 0, "weights");
        illegal(p, 36, 11, "weight_bits");
        illegal(p, 7, 1, "length");
    }
}
