// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase} from "./TestBase.sol";
import {MaskSum, MaskSums} from "../src/verifier/MaskSum.sol";
import {Multilinear} from "../src/verifier/Multilinear.sol";
import {Scalar, Scalars, R, ZERO, ONE, HALF} from "../src/verifier/Scalar.sol";
import {Vectors} from "../src/verifier/Vectors.sol";

/// What is summed up in closed form or several at a time, against plain sums and products at random points.
contract PowersTest is TestBase {
    using MaskSums for MaskSum;
    using Scalars for Scalar;
    using Vectors for Scalar[];

    function random(uint256 seed) private pure returns (Scalar) {
        return Scalar.wrap(uint256(keccak256(abi.encode(seed))) % R);
    }

    function randoms(uint256 n, uint256 seed) private pure returns (Scalar[] memory out) {
        out = new Scalar[](n);
        for (uint256 k = 0; k < n; ++k) {
            out[k] = random(1000 * seed + k);
        }
    }

    function assertSame(Scalar got, Scalar expected, string memory what, uint256 n) private pure {
        assertEq(Scalar.unwrap(got), Scalar.unwrap(expected), string.concat(what, " ", vm.toString(n)));
    }

    function test_geometric() external pure {
        (Scalar x, Scalar base) = (random(1), random(2));
        (Scalar sum, Scalar power, Scalar t) = (ZERO, ONE, ONE);
        for (uint256 n = 0; n < 40; ++n) {
            (Scalar gotSum, Scalar gotPower) = x.geometric(base, n);
            assertSame(gotSum, sum, "sum of powers", n);
            assertSame(gotPower, power, "power", n);
            assertSame(x.pow(n), power, "pow", n);
            (sum, t, power) = (sum + t, t * (x * base), power * x);
        }
        (Scalar ones,) = ONE.geometric(ONE, 40);
        assertSame(ones, Scalar.wrap(40), "ones", 40);
    }

    function test_powers_and_halves() external pure {
        Scalar base = random(3);
        Scalar half = ONE;
        for (uint256 n = 0; n <= 28; ++n) {
            assertSame(Scalars.halved(n), half, "halved", n);
            half = half * HALF;
            Scalar[] memory list = base.powers(n);
            assertTrue(list.length >= n, "so many powers");
            for (uint256 k = 0; k < n; ++k) {
                assertSame(list[k], base.pow(k), "power", k);
            }
        }
    }

    /// The polynomial that is built up lies in `coefficients` from `low` on.
    struct Built {
        Scalar[] coefficients;
        uint256 low;
    }

    function prepend(Built memory b, Scalar[] memory list) private pure {
        b.low -= list.length;
        b.coefficients.copy(b.low, list, 0, list.length);
    }

    function check(MaskSum memory m, Built memory b, string memory what) private pure {
        (Scalar atX, Scalar atY) = (ZERO, ZERO);
        for (uint256 k = b.coefficients.length; k > b.low; --k) {
            atX = atX * m.x + b.coefficients[k - 1];
            atY = atY * m.y + b.coefficients[k - 1];
        }
        assertSame(m.atX, atX, what, b.low);
        assertSame(m.atY, atY, what, b.low);
    }

    function closing(uint256[] memory degrees, Scalar[] memory point, Scalar factor) private pure returns (Scalar[] memory out) {
        uint256 n;
        for (uint256 i = 0; i < degrees.length; ++i) {
            n += degrees[i];
        }
        out = new Scalar[](n);
        uint256 k;
        for (uint256 i = 0; i < degrees.length; ++i) {
            for (uint256 e = 1; e <= degrees[i]; ++e) {
                out[k++] = factor * (point[i].pow(e) - HALF);
            }
        }
    }

    function test_mask_sums() external pure {
        uint256[] memory degrees = new uint256[](9);
        for (uint256 i = 0; i < 9; ++i) {
            degrees[i] = [5, 3, 2, 2, 4, 5, 6, 7, 12][i];
        }
        MaskSum memory m = MaskSums.start(random(4), random(5), degrees);
        Built memory b = Built(new Scalar[](200), 200);
        (Scalar factor, Scalar base, Scalar other) = (random(6), random(7), random(8));
        for (uint256 round = 0; round < 2; ++round) {
            m.powers(factor, base, 7);
            Scalar[] memory list = new Scalar[](7);
            for (uint256 k = 0; k < 7; ++k) {
                list[k] = factor * base.pow(k);
            }
            prepend(b, list);
            check(m, b, "powers");
            Scalar[] memory point = randoms(9, 9 + round);
            m.closing(degrees, point, factor);
            prepend(b, closing(degrees, point, factor));
            check(m, b, "closing");
            m.alternating(factor, base, base, other, 3);
            list = new Scalar[](6);
            for (uint256 k = 0; k < 3; ++k) {
                list[2 * k] = factor * base.pow(k);
                list[2 * k + 1] = base * other.pow(k);
            }
            prepend(b, list);
            check(m, b, "alternating");
            m.zeros(3);
            prepend(b, new Scalar[](3));
            check(m, b, "zeros");
        }
    }

    function test_products_over_points() external pure {
        (Scalar[] memory p, Scalar[] memory q) = (randoms(12, 20), randoms(12, 21));
        for (uint256 n = 0; n <= 9; ++n) {
            (Scalar same, Scalar none) = (ONE, ONE);
            for (uint256 k = 0; k < n; ++k) {
                (Scalar x, Scalar y) = (p[2 + k], q[1 + k]);
                same = same * (x * y + (ONE - x) * (ONE - y));
                none = none * (ONE - x);
            }
            assertSame(Multilinear.eq(p, 2, q, 1, n), same, "eq", n);
            assertSame(Multilinear.zeros(p, 2, n), none, "zeros", n);
            for (uint256 value = 0; value < 1 << n; ++value) {
                Scalar[] memory bits = new Scalar[](n);
                bits.setBits(0, value, n);
                assertSame(Multilinear.eqBits(value, p, 2, n), Multilinear.eq(p, 2, bits, 0, n), "eqbits", value);
            }
        }
        // values at the ends of the range
        (p[2], p[3], q[1], q[2]) = (ZERO, -ONE, -ONE, ZERO);
        assertSame(Multilinear.eq(p, 2, q, 1, 2), (ONE + ONE) * (ONE + ONE), "eq at the ends", 2);
    }

    function test_lists() external pure {
        (Scalar[] memory a, Scalar[] memory b) = (randoms(9, 30), randoms(9, 31));
        Scalar sum = ZERO;
        for (uint256 n = 0; n < 6; ++n) {
            assertSame(a.dot(2, b, 3, n), sum, "dot", n);
            sum = sum + a[2 + n] * b[3 + n];
        }
        Scalar[] memory out = randoms(9, 32);
        Scalar[] memory before = randoms(9, 32);
        out.setProducts(1, 3, a[0], b, 4, 3);
        for (uint256 k = 0; k < 9; ++k) {
            assertSame(out[k], k % 3 == 1 ? a[0] * b[4 + k / 3] : before[k], "products", k);
        }
    }
}
