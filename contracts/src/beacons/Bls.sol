// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A precompiled contract refused its input: a point off its curve or not canonical, or too little gas.
error PrecompileRefused();

/// A point of G2 in the order of the pairing precompile: imaginary parts first.
struct G2Point {
    uint256 x1;
    uint256 x0;
    uint256 y1;
    uint256 y0;
}

/// BLS signatures in G1 of BN254, as drand's scheme bls-bn254-unchained-on-g1 has them: RFC 9380 with expand_message_xmd by Keccak-256, the map of
/// Shallue and van de Woestijne (Z = 1), and the domain separation tag below. contracts/script/drand_vector.py does the same from the
/// definitions.
library Bls {
    uint256 internal constant P = 21888242871839275222246405745257275088696311157297823662689037894645226208583;
    bytes private constant DST = "BLS_SIG_BN254G1_XMD:KECCAK-256_SVDW_RO_NUL_";
    uint256 private constant TWO_TO_256 = type(uint256).max % P + 1;
    /// Of Keccak-256, in bytes.
    uint256 private constant BLOCK = 136;

    // of the map: g(x) = x^3 + 3, c1 = g(1) = 4, c2 = -1/2, c3 = sqrt(-3 g(1)), even, c4 = -4 g(1) / 3
    uint256 private constant C1 = 4;
    uint256 private constant C2 = 10944121435919637611123202872628637544348155578648911831344518947322613104291;
    uint256 private constant C3 = 8815841940592487685674414971303048083897117035520822607866;
    uint256 private constant C4 = 7296080957279758407415468581752425029565437052432607887563012631548408736189;

    uint256 private constant TO_ROOT = (P + 1) / 4;
    uint256 private constant TO_INVERSE = P - 2;

    // minus the generator of G2
    uint256 private constant H_X1 = 11559732032986387107991004021392285783925812861821192530917403151452391805634;
    uint256 private constant H_X0 = 10857046999023057135944570762232829481370756359578518086990519993285655852781;
    uint256 private constant H_MINUS_Y1 = P - 4082367875863433681332203403145435568316851327593401208105741076214120093531;
    uint256 private constant H_MINUS_Y0 = P - 8495653923123431417604973247489272438418190587263600148770280649306958101930;

    /// Does `signature` hold for `message` under `key`? False for points that are none.
    function verify(G2Point memory key, bytes32 message, uint256[2] memory signature) internal view returns (bool) {
        (uint256 x, uint256 y) = hashToCurve(message);
        uint256[12] memory input =
            [signature[0], signature[1], H_X1, H_X0, H_MINUS_Y1, H_MINUS_Y0, x, y, key.x1, key.x0, key.y1, key.y0];
        (, uint256 product) = _pairing(input);
        return product == 1;
    }

    /// Is it a point of the group of order r, and not the identity?
    function isKey(G2Point memory key) internal view returns (bool) {
        if (key.x1 | key.x0 | key.y1 | key.y0 == 0) return false;
        uint256[12] memory input;
        (input[8], input[9], input[10], input[11]) = (key.x1, key.x0, key.y1, key.y0);
        (bool ok,) = _pairing(input);
        return ok;
    }

    /// hash_to_curve: the sum of the images of two elements; the cofactor is 1.
    function hashToCurve(bytes32 message) internal view returns (uint256 x, uint256 y) {
        (uint256 u0, uint256 u1) = hashToField(message);
        uint256[4] memory input;
        (input[0], input[1]) = toCurve(u0);
        (input[2], input[3]) = toCurve(u1);
        bool ok;
        assembly ("memory-safe") {
            ok := staticcall(gas(), 6, input, 128, input, 64)
        }
        if (!ok) revert PrecompileRefused();
        return (input[0], input[1]);
    }

    /// hash_to_field: 96 uniform bytes, 48 an element.
    function hashToField(bytes32 message) internal pure returns (uint256 u0, uint256 u1) {
        bytes memory dst = abi.encodePacked(DST, uint8(DST.length));
        bytes32 b0 = keccak256(abi.encodePacked(new bytes(BLOCK), message, uint16(96), uint8(0), dst));
        bytes32 b1 = keccak256(abi.encodePacked(b0, uint8(1), dst));
        bytes32 b2 = keccak256(abi.encodePacked(b0 ^ b1, uint8(2), dst));
        bytes32 b3 = keccak256(abi.encodePacked(b0 ^ b2, uint8(3), dst));
        // b1 and half of b2, half of b2 and b3
        u0 = addmod(mulmod(uint256(b1), 1 << 128, P), uint256(b2) >> 128, P);
        u1 = addmod(mulmod(uint256(b2) & type(uint128).max, TWO_TO_256, P), uint256(b3), P);
    }

    /// map_to_curve, section 6.6.1 (inv0(0) = 0).
    function toCurve(uint256 u) internal view returns (uint256 x, uint256 y) {
        uint256 tv1 = mulmod(mulmod(u, u, P), C1, P);
        uint256 tv2 = addmod(1, tv1, P);
        tv1 = addmod(1, P - tv1, P);
        uint256 tv3 = _power(mulmod(tv1, tv2, P), TO_INVERSE);
        uint256 tv4 = mulmod(mulmod(mulmod(u, tv1, P), tv3, P), C3, P);
        bool square;
        x = addmod(C2, P - tv4, P);
        (square, y) = _root(x);
        if (!square) {
            x = addmod(C2, tv4, P);
            (square, y) = _root(x);
        }
        if (!square) {
            x = mulmod(mulmod(tv2, tv2, P), tv3, P);
            x = addmod(1, mulmod(C4, mulmod(x, x, P), P), P);
            (square, y) = _root(x);
        }
        // one of the three always lies on the curve
        assert(square);
        // no point has y = 0: the order of the group is odd
        if ((u & 1) != (y & 1)) y = P - y;
    }

    /// A y with y^2 = x^3 + 3, if there is one.
    function _root(uint256 x) private view returns (bool square, uint256 y) {
        uint256 g = addmod(mulmod(mulmod(x, x, P), x, P), 3, P);
        y = _power(g, TO_ROOT);
        square = mulmod(y, y, P) == g;
    }

    function _power(uint256 base, uint256 exponent) private view returns (uint256) {
        uint256[6] memory input = [uint256(32), 32, 32, base, exponent, P];
        bool ok;
        assembly ("memory-safe") {
            ok := staticcall(gas(), 5, input, 192, input, 32)
        }
        if (!ok) revert PrecompileRefused();
        return input[0];
    }

    /// ok: all points are points. product: 1 if the two pairings are inverse to each other, else 0.
    function _pairing(uint256[12] memory input) private view returns (bool ok, uint256 product) {
        assembly ("memory-safe") {
            ok := staticcall(gas(), 8, input, 384, input, 32)
            product := mul(ok, mload(input))
        }
    }
}
