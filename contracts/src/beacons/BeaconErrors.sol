// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The hub began a round that has begun already, or an earlier one.
error RoundAlreadyBegun(uint32 round);
