// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase} from "./TestBase.sol";
import {Kernels} from "../src/verifier/Kernel.sol";
import {Multilinear} from "../src/verifier/Multilinear.sol";
import {Program} from "../src/verifier/Program.sol";
import {Scalar, Scalars, ONE, R} from "../src/verifier/Scalar.sol";

/// Kernels at random points, against sums over all pairs of steps.
contract KernelsTest is TestBase {
    function random(uint256 seed) private pure returns (Scalar) {
        return Scalar.wrap(uint256(keccak256(abi.encode(seed))) % R);
    }

    function point(uint256 n, uint256 seed) private pure returns (Scalar[] memory p) {
        p = new Scalar[](n);
        for (uint256 k = 0; k < n; ++k) {
            p[k] = random(1000 * seed + k);
        }
    }

    /// An explicit kernel of so many steps.
    function explicit(uint256 steps) private pure returns (Program memory p) {
        p.steps = steps;
        p.taps = point(steps, 7);
        p.decays = point(steps + 1, 8);
    }

    function tap(Program memory p, uint256 d) private pure returns (Scalar) {
        if (p.taps.length == 0) return Scalars.from(p.rate);
        return d <= p.steps ? p.taps[d - 1] : Scalar.wrap(0);
    }

    function assertSame(Scalar got, Scalar expected, uint256 steps) private pure {
        assertEq(Scalar.unwrap(got), Scalar.unwrap(expected), string.concat(vm.toString(steps), " steps"));
    }

    function sumOfPairs(Program memory p, Scalar[] memory a, Scalar[] memory b) private pure returns (Scalar sum) {
        for (uint256 t = 0; t < 1 << a.length; ++t) {
            Scalar inner = Scalar.wrap(0);
            for (uint256 u = 0; u < t; ++u) {
                inner = inner + Multilinear.eqBits(u, b, 0, b.length) * tap(p, t - u);
            }
            sum = sum + Multilinear.eqBits(t, a, 0, a.length) * inner;
        }
    }

    function check(Program memory p, uint256 n) private pure {
        (Scalar[] memory a, Scalar[] memory b) = (point(n, 1), point(n, 2));
        assertSame(Kernels.step(p, a, b, n), sumOfPairs(p, a, b), p.steps);
        Scalar sum = Scalar.wrap(0);
        for (uint256 u = 0; u < (p.taps.length == 0 ? 1 << n : p.steps); ++u) {
            sum = sum + Multilinear.eqBits(u, b, 0, n) * tap(p, p.steps - u);
        }
        assertSame(Kernels.output(p, b, n), sum, p.steps);
        sum = Scalar.wrap(0);
        for (uint256 t = 0; t < 1 << n; ++t) {
            Scalar c = p.decays.length == 0 ? ONE : p.decays[t < p.steps ? t : p.steps];
            sum = sum + Multilinear.eqBits(t, a, 0, n) * c;
        }
        assertSame(Kernels.decay(p, a, n), sum, p.steps);
    }

    /// Also where T is no power of two: the last steps are padding.
    function test_explicit() external pure {
        uint256[9] memory steps = [uint256(1), 2, 3, 4, 5, 7, 8, 9, 16];
        uint256[9] memory bits = [uint256(0), 1, 2, 2, 3, 3, 3, 4, 4];
        for (uint256 k = 0; k < 9; ++k) {
            Program memory p = explicit(steps[k]);
            check(p, bits[k]);
            assertSame(Kernels.lastDecay(p), p.decays[steps[k]], steps[k]);
        }
    }

    function test_plain() external pure {
        Program memory p;
        p.steps = 8;
        p.rate = 12345;
        check(p, 3);
        assertSame(Kernels.lastDecay(p), ONE, 8);
    }

    /// 256 steps: the cost is that of one pass.
    function test_longest() external {
        Program memory p = explicit(256);
        (Scalar[] memory a, Scalar[] memory b) = (point(8, 1), point(8, 2));
        uint256 gas = gasleft();
        Kernels.step(p, a, b, 8);
        gas -= gasleft();
        emit log_named_uint("kernel of 256 steps", gas);
        assertTrue(gas < 300_000, "gas of a long kernel");
    }

    event log_named_uint(string name, uint256 value);

    function test_eq_table() external pure {
        Scalar[] memory p = point(6, 3);
        Scalar[] memory table = Multilinear.eqTable(p, 2, 4);
        assertEq(table.length, 16, "entries");
        for (uint256 i = 0; i < 16; ++i) {
            assertSame(table[i], Multilinear.eqBits(i, p, 2, 4), i);
        }
    }
}
