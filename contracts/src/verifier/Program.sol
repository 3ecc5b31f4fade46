// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IllegalProgram} from "./Errors.sol";
import {Scalar, Scalars, R} from "./Scalar.sol";
import {Vectors} from "./Vectors.sol";

/// The integer training algorithm of a task (section 1). Every value of this type is legal but for the size of its layout.
struct Program {
    uint256[] dims; // d_0 .. d_L
    uint256[] activations; // of layer i at position i, 1 <= i < L
    uint256[] weights; // class weights (oneHot), or w0_0, w1_0, w0_1, .. ; empty without
    Scalar[] taps; // explicit kernel: kappa_d at position d - 1; empty for the plain one
    Scalar[] decays; // explicit kernel: c_0 .. c_T; empty for the plain one
    bytes32 digest;
    uint256 loss;
    bool oneHot;
    uint256 layers; // L
    uint256 steps; // T
    uint256 batch; // B
    uint256 blocks; // nblocks
    uint256 bits; // l
    uint256 limbBits; // lb
    uint256 weightBits; // F
    uint256 scaleBits; // F'
    uint256 activationBits; // fa
    uint256 deltaBits; // fd
    uint256 boundBits; // wb
    uint256 openings; // p
    uint256 group;
    uint256 vectorBits; // n
    uint256 huber;
    uint256 rate; // k of the plain kernel
    uint256 gain; // K
    uint256 largestDecay; // cmax
    uint256 excessLimbs; // ng
    uint256 remainderLimbs; // nr
    uint256 topWidth; // bits of the top remainder limb
}

/// Codes of losses.
library Loss {
    uint256 internal constant SQUARED = 0;
    uint256 internal constant SIGMOID = 1;
    uint256 internal constant SOFTMAX = 2;
    uint256 internal constant HUBER = 3;
}

/// Codes of activations; those from LEAKY_RELU on are smooth: their values are committed in the key.
library Activation {
    uint256 internal constant IDENTITY = 0;
    uint256 internal constant RELU = 1;
    uint256 internal constant LEAKY_RELU = 2;
    uint256 internal constant SILU = 6;
}

library Programs {
    using Vectors for uint256[];
    using Vectors for Scalar[];

    uint256 private constant MAX_TAPS = 256;

    /// Decodes the canonical bytes (section 8) and checks every limit of section 1 that one field or two decide; see Bounds.
    function decode(Program memory p, bytes calldata data) internal pure {
        p.digest = keccak256(data);
        if (data.length < 9 || _read(data, 0, 6) != 0x465052470002) revert IllegalProgram("version"); // "FPRG", 2
        p.loss = _read(data, 6, 1);
        uint256 oneHot = _read(data, 7, 1);
        p.oneHot = oneHot == 1;
        p.layers = _read(data, 8, 1);
        need(p.loss <= Loss.HUBER, "loss");
        need(oneHot < 2, "one_hot");
        need(p.layers >= 1 && p.layers <= 16, "layers");
        unchecked {
            need(data.length >= 39 + 5 * p.layers, "length");
            uint256 pos = _numbers(p, data, _layers(p, data));
            pos = _weights(p, data, pos);
            _kernel(p, data, pos);
        }
        _limits(p);
        _lossLimits(p);
    }

    function smooth(Program memory p, uint256 i) internal pure returns (bool) {
        return p.activations.get(i) >= Activation.LEAKY_RELU;
    }

    function weighted(Program memory p) internal pure returns (bool) {
        return p.weights.length != 0;
    }

    /// Whether targets are 0 or 2^fd rather than signed l-bit integers.
    function classifies(Program memory p) internal pure returns (bool) {
        return p.loss == Loss.SIGMOID || p.loss == Loss.SOFTMAX;
    }

    /// d_L
    function outputs(Program memory p) internal pure returns (uint256) {
        return p.dims.get(p.layers);
    }

    function need(bool condition, bytes32 field) internal pure {
        if (!condition) revert IllegalProgram(field);
    }

    // --- bytes; each returns the position behind what it read ------------------------------------------------------------

    function _layers(Program memory p, bytes calldata data) private pure returns (uint256 pos) {
        unchecked {
            uint256 layers = p.layers;
            pos = 9;
            p.dims = new uint256[](layers + 1);
            for (uint256 i = 0; i <= layers; ++i) {
                p.dims.set(i, _read(data, pos, 4));
                need(p.dims.get(i) - 1 < 65536, "dims");
                pos += 4;
            }
            p.activations = new uint256[](layers);
            for (uint256 i = 1; i < layers; ++i) {
                p.activations.set(i, _read(data, pos, 1));
                need(p.activations.get(i) <= Activation.SILU, "activations");
                ++pos;
            }
        }
    }

    function _numbers(Program memory p, bytes calldata data, uint256 pos) private pure returns (uint256) {
        unchecked {
            p.steps = _read(data, pos, 4);
            p.batch = _read(data, pos + 4, 4);
            p.blocks = _read(data, pos + 8, 4);
            p.bits = _read(data, pos + 12, 1);
            p.limbBits = _read(data, pos + 13, 1);
            p.weightBits = _read(data, pos + 14, 1);
            p.activationBits = _read(data, pos + 15, 1);
            p.deltaBits = _read(data, pos + 16, 1);
            p.boundBits = _read(data, pos + 17, 1);
            p.openings = _read(data, pos + 18, 1);
            p.group = _read(data, pos + 19, 1);
            p.vectorBits = _read(data, pos + 20, 1);
            p.huber = _read(data, pos + 21, 4);
            return pos + 25;
        }
    }

    function _weights(Program memory p, bytes calldata data, uint256 pos) private pure returns (uint256) {
        unchecked {
            uint256 flag = _read(data, pos++, 1);
            need(flag < 2, "weights");
            if (flag == 1) {
                uint256 n = p.oneHot ? outputs(p) : 2 * outputs(p);
                need(data.length >= pos + 2 * n, "length");
                p.weights = new uint256[](n);
                for (uint256 i = 0; i < n; ++i) {
                    p.weights.set(i, _read(data, pos, 2));
                    pos += 2;
                }
            }
            return pos;
        }
    }

    function _kernel(Program memory p, bytes calldata data, uint256 pos) private pure {
        unchecked {
            need(data.length > pos, "length");
            uint256 kind = _read(data, pos++, 1);
            need(kind < 2, "kernel");
            need(p.steps - 1 < 65536, "steps");
            p.scaleBits = p.weightBits;
            if (kind == 0) {
                need(data.length == pos + 8, "length");
                p.rate = _read(data, pos, 8);
                need(p.rate >= 1 && p.rate <= 1 << 40, "kernel");
                p.gain = p.steps * p.rate;
                p.largestDecay = 1;
                return;
            }
            uint256 n = p.steps;
            need(n <= MAX_TAPS, "kernel");
            need(data.length == pos + 1 + 16 * n, "length");
            uint256 fraction = _read(data, pos, 1);
            p.scaleBits += fraction;
            need(fraction <= 32 && p.scaleBits <= 56, "kernel");
            p.taps = new Scalar[](n);
            p.decays = new Scalar[](n + 1);
            p.decays.set(0, Scalars.powerOfTwo(fraction));
            uint256 largest;
            (p.gain, largest) = _signed(data, pos + 1, p.taps, 0, n);
            need(largest <= 1 << 56, "kernel");
            (, p.largestDecay) = _signed(data, pos + 1 + 8 * n, p.decays, 1, n);
            need(p.largestDecay <= 1 << 56, "kernel");
            if (p.largestDecay < 1 << fraction) p.largestDecay = 1 << fraction;
        }
    }

    /// n two's complement integers of 8 bytes, into `out` from position `first` on; the sum and the largest of their absolute values.
    function _signed(bytes calldata data, uint256 pos, Scalar[] memory out, uint256 first, uint256 n)
        private
        pure
        returns (uint256 total, uint256 largest)
    {
        assembly ("memory-safe") {
            let source := add(data.offset, pos)
            let target := add(out, shl(5, add(first, 1)))
            for { let k := 0 } lt(k, n) { k := add(k, 1) } {
                let size := shr(192, calldataload(add(source, shl(3, k))))
                let value := size
                if shr(63, size) {
                    size := sub(shl(64, 1), size)
                    value := sub(R, size)
                }
                mstore(add(target, shl(5, k)), value)
                total := add(total, size)
                if gt(size, largest) { largest := size }
            }
        }
    }

    // --- limits ----------------------------------------------------------------------------------------------------------

    function _limits(Program memory p) private pure {
        unchecked {
            need(p.batch - 1 < 65536 && p.batch & (p.batch - 1) == 0, "batch");
            need(p.blocks - 1 < 65536 && p.blocks & (p.blocks - 1) == 0, "blocks");
            need(p.steps * p.batch >= 2, "steps");
            need(p.bits >= 4 && p.bits <= 16, "bits");
            need(p.limbBits >= 4 && p.limbBits <= 20, "limb_bits");
            need(p.weightBits >= p.bits && p.weightBits <= 48, "weight_bits");
            need(p.activationBits >= 1 && p.activationBits < p.bits, "activation_bits");
            need(p.deltaBits >= p.activationBits && p.deltaBits <= p.bits, "delta_bits");
            need(p.boundBits >= p.weightBits && p.boundBits <= 56, "bound_bits");
            need(p.openings >= 1 && p.openings <= 16, "openings");
            need(p.group >= 2 && p.group <= 12, "group");
        }
    }

    function _lossLimits(Program memory p) private pure {
        unchecked {
            uint256 n = outputs(p);
            if (p.loss == Loss.SOFTMAX) {
                need(n >= 2, "dims");
                need(p.deltaBits + 2 <= p.bits, "delta_bits");
            }
            if (p.loss == Loss.SIGMOID) need(!p.oneHot || n >= 2, "one_hot");
            else need(p.oneHot == (p.loss == Loss.SOFTMAX), "one_hot");
            if (p.loss == Loss.HUBER) need(p.huber >= 1 && p.huber < 1 << (p.bits - 1), "huber");
            else need(p.huber == 0, "huber");
            if (weighted(p)) {
                need(classifies(p), "weights");
                need(p.deltaBits + 8 <= p.scaleBits, "weight_bits");
            }
        }
    }

    /// The n bytes from position `pos` on; the caller checks the length.
    function _read(bytes calldata data, uint256 pos, uint256 n) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(sub(256, shl(3, n)), calldataload(add(data.offset, pos)))
        }
    }
}
