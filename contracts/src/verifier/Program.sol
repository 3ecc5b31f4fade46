// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IllegalProgram} from "./Errors.sol";
import {Vectors} from "./Vectors.sol";

/// The integer training algorithm of a task (section 1). Every value of this type is legal but for the size of its layout.
struct Program {
    // the arrays first: see Plans
    uint256[] dims; // d_0 .. d_L
    uint256[] activations; // of layer i at position i, 1 <= i < L: 0 identity, 1 ReLU
    bytes32 digest;
    bool sigmoid; // loss 1, else squared error
    uint256 layers; // L
    uint256 steps; // T
    uint256 batch; // B
    uint256 blocks; // nblocks
    uint256 bits; // l
    uint256 weightBits; // F
    uint256 activationBits; // fa
    uint256 deltaBits; // fd
    uint256 rate; // k
    uint256 boundBits; // wb
    uint256 openings; // p
    uint256 group;
    uint256 excessLimbs; // ng
    uint256 remainderLimbs; // nr
    uint256 topWidth; // bits of the top remainder limb
}

library Programs {
    using Vectors for uint256[];

    /// Decodes the canonical bytes (section 8) and checks every limit and bound of section 1 but those of the layout.
    function decode(Program memory p, bytes calldata data) internal pure {
        p.digest = keccak256(data);
        if (data.length < 8 || _read(data, 0, 6) != 0x465052470001) revert IllegalProgram("version"); // "FPRG", 1
        uint256 loss = _read(data, 6, 1);
        uint256 layers = _read(data, 7, 1);
        _need(loss < 2, "loss");
        _need(layers >= 1 && layers <= 16, "layers");
        _need(data.length == 38 + 5 * layers, "length");
        p.sigmoid = loss == 1;
        p.layers = layers;
        unchecked {
            uint256 pos = 8;
            p.dims = new uint256[](layers + 1);
            for (uint256 i = 0; i <= layers; ++i) {
                p.dims.set(i, _read(data, pos, 4));
                _need(p.dims.get(i) - 1 < 65536, "dims");
                pos += 4;
            }
            p.activations = new uint256[](layers);
            for (uint256 i = 1; i < layers; ++i) {
                p.activations.set(i, _read(data, pos, 1));
                _need(p.activations.get(i) < 2, "activations");
                ++pos;
            }
            p.steps = _read(data, pos, 4);
            p.batch = _read(data, pos + 4, 4);
            p.blocks = _read(data, pos + 8, 4);
            p.bits = _read(data, pos + 12, 1);
            p.weightBits = _read(data, pos + 13, 1);
            p.activationBits = _read(data, pos + 14, 1);
            p.deltaBits = _read(data, pos + 15, 1);
            p.rate = _read(data, pos + 16, 8);
            p.boundBits = _read(data, pos + 24, 1);
            p.openings = _read(data, pos + 25, 1);
            p.group = _read(data, pos + 26, 1);
            _limits(p);
            _bounds(p);
            p.remainderLimbs = (p.weightBits + p.bits - 1) / p.bits;
            p.topWidth = p.weightBits - p.bits * (p.remainderLimbs - 1);
        }
    }

    /// maxD_i: largest absolute delta of layer i.
    function maxDelta(Program memory p, uint256 i) internal pure returns (uint256) {
        unchecked {
            uint256 maxA = 1 << (p.bits - 1);
            if (i < p.layers) return maxA;
            if (p.sigmoid) return 1 << p.deltaBits;
            return (maxA << (p.deltaBits - p.activationBits)) + maxA;
        }
    }

    function _limits(Program memory p) private pure {
        unchecked {
            _need(p.steps - 1 < 65536, "steps");
            _need(p.batch - 1 < 65536 && p.batch & (p.batch - 1) == 0, "batch");
            _need(p.blocks - 1 < 65536 && p.blocks & (p.blocks - 1) == 0, "blocks");
            _need(p.steps * p.batch >= 2, "steps");
            _need(p.bits >= 4 && p.bits <= 16, "bits");
            _need(p.weightBits >= p.bits && p.weightBits <= 48, "weight_bits");
            _need(p.activationBits >= 1 && p.activationBits < p.bits, "activation_bits");
            _need(p.deltaBits >= p.activationBits && p.deltaBits <= p.bits, "delta_bits");
            _need(p.rate >= 1 && p.rate <= 1 << 40, "rate");
            _need(p.boundBits >= p.weightBits && p.boundBits <= 56, "bound_bits");
            _need(p.openings >= 1 && p.openings <= 16, "openings");
            _need(p.group >= 2 && p.group <= 6, "group");
        }
    }

    /// The bounds of section 1; sets ng.
    function _bounds(Program memory p) private pure {
        unchecked {
            uint256 maxA = 1 << (p.bits - 1);
            uint256 product = 0; // largest Z_i or E_i
            for (uint256 i = 1; i <= p.layers; ++i) {
                (uint256 below, uint256 here) = (p.dims.get(i - 1), p.dims.get(i));
                // isqrt(6 4^F / (d_{i-1} + d_i)) < 2^wb
                _need(6 << (2 * p.weightBits) < (below + here) << (2 * p.boundBits), "bound_bits");
                uint256 maxD = maxDelta(p, i);
                uint256 maxW = (1 << p.boundBits) + p.steps * p.batch * p.rate * maxA * maxD;
                _need(maxW < 1 << 62, "rate");
                uint256 z = (below * maxA + (1 << p.activationBits)) * maxW;
                if (z > product) product = z;
                uint256 e = i > 1 ? here * maxD * maxW : 0;
                if (e > product) product = e;
            }
            _need(product < 1 << 100, "rate");
            uint256 excess = (product >> p.weightBits) + 2;
            _need(excess < 1 << 62, "bound_bits");
            uint256 n = 1;
            while (excess >> (p.bits * n) != 0) ++n;
            _need(n <= 4, "rate");
            p.excessLimbs = n;
        }
    }

    function _need(bool condition, bytes32 field) private pure {
        if (!condition) revert IllegalProgram(field);
    }

    /// The n bytes from position `pos` on; the caller has checked the length.
    function _read(bytes calldata data, uint256 pos, uint256 n) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(sub(256, shl(3, n)), calldataload(add(data.offset, pos)))
        }
    }
}
