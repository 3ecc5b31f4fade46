// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase} from "../TestBase.sol";
import {Shape} from "../../src/interfaces/IVerifyingKeys.sol";
import {OpeningFailed, WrongTable} from "../../src/verifier/Errors.sol";

/// The hub lets a verdict have 12 million gas and refuses keys whose statement and proof count more than 1,024 points: that is enough for
/// what costs most of such programs. A proof of zeros costs what every other does: the pairing at the end refuses it.
contract VerdictGasTest is TestBase {
    event log_named_uint(string name, uint256 value);

    /// loss, one-hot, layers, dims, activations
    struct Network {
        uint8 loss;
        uint8 oneHot;
        bytes dims;
        bytes activations;
        uint32 steps;
        uint32 batch;
        uint32 blocks;
        bytes numbers; // l, lb, F, fa, fd, wb, p, group, n
        bytes weights; // with the flag
        bytes kernel; // with the kind
    }

    bytes private constant PLAIN = hex"000000000000000001";

    function encode(Network memory w) private pure returns (bytes memory) {
        bytes memory head = abi.encodePacked("FPRG", uint16(2), w.loss, w.oneHot, uint8(w.dims.length / 4 - 1), w.dims);
        bytes memory sizes = abi.encodePacked(w.activations, w.steps, w.batch, w.blocks, w.numbers, uint32(0));
        return abi.encodePacked(head, sizes, w.weights, w.kernel);
    }

    function store(bytes memory program) private returns (bytes32) {
        bytes memory setup = load("reference-relu", 0).setup;
        for (uint256 points = 0; points <= 8; ++points) {
            try keys.store(program, new bytes(64 * points), setup) returns (bytes32 keyId) {
                return keyId;
            } catch (bytes memory reason) {
                assertEq(reason, abi.encodePacked(WrongTable.selector), "a legal program");
            }
        }
        revert("no number of tables fits");
    }

    /// Gas of a verdict, and what the hub counts.
    function measure(string memory name, Network memory w) private returns (uint256 gas_, uint256 counted) {
        bytes32 keyId = store(encode(w));
        Shape memory shape = keys.shape(keyId);
        counted = 2 * shape.nW + shape.nD + shape.trainingLength / 64;
        bytes memory head = abi.encodePacked(new bytes(5 * 32), keys.keyDigest(keyId), keys.setupDigest(keyId));
        bytes memory pi = new bytes(shape.nb);
        for (uint256 i = 0; i < pi.length; ++i) {
            pi[i] = bytes1(uint8(i));
        }
        bytes memory statement = abi.encodePacked(head, new bytes(64 * (shape.nW + shape.nD) + 32), pi, uint256(0), shape.records);
        bytes memory proof = abi.encodePacked("FEDPROOF", uint16(2), uint8(1), new bytes(shape.trainingLength - 11));
        uint256 before = gasleft();
        try trainings.verifyTraining(keyId, statement, proof) {
            revert("a proof of zeros holds");
        } catch (bytes memory reason) {
            gas_ = before - gasleft();
            assertEq(reason, abi.encodePacked(OpeningFailed.selector), name);
        }
        emit log_named_uint(string.concat(name, ": points"), counted);
        emit log_named_uint(string.concat(name, ": gas"), gas_);
    }

    /// A program at the hub's limit has its verdict in what the hub asks for, less what two calls keep back.
    function within(string memory name, Network memory w) private {
        (uint256 gas_, uint256 counted) = measure(name, w);
        uint256 most = 12_000_000 * uint256(63 * 63) / (64 * 64);
        assertTrue(counted <= 1024, string.concat(name, ": the hub would refuse it"));
        assertTrue(gas_ < most, string.concat(name, ": a verdict costs more than the hub asks for"));
    }

    function test_longTraces() external {
        Network memory w;
        (w.dims, w.steps, w.batch, w.blocks) = (abi.encodePacked(uint32(6), uint32(1)), 256, 512, 1);
        w.numbers = abi.encodePacked(uint8(8), uint8(8), uint8(12), uint8(4), uint8(6), uint8(14), uint8(1), uint8(3), uint8(11));
        (w.weights, w.kernel) = (hex"00", PLAIN);
        within("long trace", w);
    }

    function test_largeDatasets() external {
        Network memory w;
        (w.dims, w.steps, w.batch, w.blocks) = (abi.encodePacked(uint32(6), uint32(1)), 2, 64, 1024);
        w.numbers = abi.encodePacked(uint8(8), uint8(8), uint8(12), uint8(4), uint8(6), uint8(14), uint8(1), uint8(3), uint8(10));
        (w.weights, w.kernel) = (hex"00", PLAIN);
        within("large dataset", w);
    }

    function test_deepNetworks() external {
        Network memory w;
        for (uint256 i = 0; i <= 16; ++i) {
            w.dims = abi.encodePacked(w.dims, uint32(12));
        }
        for (uint256 i = 1; i < 16; ++i) {
            w.activations = abi.encodePacked(w.activations, uint8(2 + i % 5));
        }
        (w.loss, w.oneHot, w.steps, w.batch, w.blocks) = (2, 1, 16, 16, 2);
        w.numbers = abi.encodePacked(uint8(9), uint8(9), uint8(30), uint8(4), uint8(6), uint8(31), uint8(16), uint8(3), uint8(12));
        (w.weights, w.kernel) = (hex"00", PLAIN);
        within("deep network", w);
    }

    function test_largeNetworksWithLongKernels() external {
        Network memory w;
        w.dims = abi.encodePacked(uint32(63), uint32(500), uint32(10));
        (w.activations, w.steps, w.batch, w.blocks) = (hex"01", 100, 2, 256);
        w.numbers = abi.encodePacked(uint8(8), uint8(8), uint8(16), uint8(4), uint8(6), uint8(17), uint8(16), uint8(3), uint8(12));
        (w.weights, w.kernel) = (hex"00", hex"0100");
        for (uint256 i = 0; i < 200; ++i) {
            w.kernel = abi.encodePacked(w.kernel, int64(1));
        }
        within("large network, long kernel", w);
    }
}
