// Precompiled for every test. A test still includes what it uses.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../src/pch.hpp"
