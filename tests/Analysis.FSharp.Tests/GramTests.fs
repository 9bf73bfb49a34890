module Superposition.Analysis.Tests.GramTests
