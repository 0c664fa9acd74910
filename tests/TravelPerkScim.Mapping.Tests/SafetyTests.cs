using System.Diagnostics;
using System.Text.RegularExpressions;
using TravelPerkScim.Mapping.Compile;
using TravelPerkScim.Mapping.Expressions;
using TravelPerkScim.Mapping.Schema;
using TravelPerkScim.Mapping.Scope;
using TravelPerkScim.Mapping.Source;

namespace TravelPerkScim.Mapping.Tests;

public sealed class SafetyTests
{
    [Fact]
    public void A_printed_expression_parses_to_the_same_tree()
    {
        for (int seed = 0; seed < 5_000; seed++)
        {
            ExpressionNode tree = new RandomExpressions(seed).Tree();
            string text = ExpressionPrinter.Print(tree);
            if (text.Length > ExpressionParser.MaxLength)
                continue;
            ExpressionNode parsed = ExpressionParser.Parse(text);
            Assert.True(RandomExpressions.Shape(tree) == RandomExpressions.Shape(parsed), $"seed {seed}: {text}");
            Assert.Equal(text, ExpressionPrinter.Print(parsed));
        }
    }

    [Fact]
    public void A_tree_written_as_a_source_reads_back_the_same()
    {
        for (int seed = 0; seed < 1_000; seed++)
        {
            ExpressionNode tree = new RandomExpressions(seed).Tree(3);
            AttributeMappingSource source = SourceTree.Write(tree);
            Assert.True(
                RandomExpressions.Shape(tree) == RandomExpressions.Shape(source.ToExpression().Root),
                $"seed {seed}: {source.Expression}"
            );
        }
    }

    [Fact]
    public void No_tree_text_or_value_makes_anything_else_happen_than_a_result_or_the_own_error()
    {
        int results = 0,
            errors = 0;
        for (int seed = 0; seed < 10_000; seed++)
        {
            var random = new RandomExpressions(seed);
            string text = ExpressionPrinter.Print(random.Tree());
            if (seed % 2 == 0)
                text = random.Mutated(text);
            var watch = Stopwatch.StartNew();
            try
            {
                var expression = MappingExpression.Parse(text);
                SourceObject source = Subject.Object(
                    new SourceLayout(expression.Attributes),
                    [.. expression.Attributes.Select(name => (name, random.Value()))]
                );
                object? value = expression.Compile().Evaluate(source);
                results++;
                foreach (TargetAttributeType type in Enum.GetValues<TargetAttributeType>())
                    _ = ValueConverter.Convert(value, type, multiValued: seed % 3 == 0);
            }
            catch (MappingException e)
            {
                Assert.False(string.IsNullOrEmpty(e.ErrorId));
                errors++;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {text}\n{e}");
            }

            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"seed {seed} took {watch.Elapsed}: {text}");
        }

        // The generator must reach both sides, or it proves nothing.
        Assert.True(results > 500 && errors > 500, $"{results} results, {errors} errors");
    }

    [Fact]
    public void No_mutation_of_a_schema_makes_anything_else_happen_than_a_result_or_the_own_error()
    {
        const string Schema = """
            {"synchronizationRules": [{"priority": 1, "objectMappings": [{"sourceObjectName": "User", "flowTypes": "Add", "enabled": true,
              "scope": {"groups": [{"name": "g", "clauses": [{"operatorName": "REGEX MATCH", "sourceOperandName": "mail", "targetOperand": {"values": ["a+"]}}]}]},
              "attributeMappings": [{"targetAttributeName": "userName", "matchingPriority": 1, "flowType": "Always", "defaultValue": null,
                "source": {"name": "Left", "type": "Function", "parameters": [{"key": "string", "value": {"expression": "[mail]"}}, {"key": "numChars", "value": {"expression": "2", "type": "Constant"}}]}}]}]}]}
            """;
        int results = 0,
            errors = 0;
        for (int seed = 0; seed < 5_000; seed++)
        {
            string json = new RandomExpressions(seed).Mutated(Schema);
            try
            {
                var schema = SynchronizationSchema.Parse(json);
                var mapping = CompiledMapping.Compile(schema, CompiledScope.AttributesOf(schema));
                SourceObject source = Subject.Object(mapping.Layout, ("mail", "ana@contoso.com"));
                CompiledScope.Compile(schema, mapping.Layout).Evaluate(source);
                mapping.Map(source, new object?[mapping.Attributes.Count]);
                _ = SynchronizationSchema.Parse(schema.ToJson());
                results++;
            }
            catch (MappingException)
            {
                errors++;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {json}\n{e}");
            }
        }

        Assert.True(results > 200 && errors > 200, $"{results} results, {errors} errors");
    }

    [Theory]
    [InlineData("Replace({0}, \"a\", , , [long], , )")]
    [InlineData("Replace({0}, , \"a+\", , \"$0$0$0$0$0$0$0$0$0$0\", , )")]
    [InlineData("Replace({0}, , \"\", , [long], , )")]
    [InlineData("Replace([long], \"a\", , , , , {0})")]
    [InlineData("Join({0}, [long], [long], [long], [long])")]
    [InlineData("Append({0}, {0})")]
    [InlineData("ConvertToUTF8Hex({0})")]
    [InlineData("ConvertToBase64({0})")]
    public void Text_that_grows_is_stopped_before_it_fills_the_memory(string growth)
    {
        string expression = "[long]";
        for (int i = 0; i < 30 && expression.Length * 2 + growth.Length < ExpressionParser.MaxLength; i++)
            expression = growth.Replace("{0}", expression, StringComparison.Ordinal);
        long before = GC.GetAllocatedBytesForCurrentThread();
        MappingException e = Subject.Fails(expression, ("long", new string('a', 4_000)));
        Assert.Equal("ResultTooLarge", e.ErrorId);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200_000_000);
    }

    [Theory]
    [InlineData("Replace([text], , \"^(?=(a+)+$)b\", , \"x\", , )")]
    [InlineData("Replace([text], , [pattern], , \"x\", , )")]
    public void A_pattern_that_takes_for_ever_is_stopped(string expression)
    {
        var watch = Stopwatch.StartNew();
        MappingException e = Subject.Fails(expression, ("text", new string('a', 60) + "!"), ("pattern", "^(?=(a+)+$)b"));
        Assert.Equal(("PatternTimeout", 1), (e.ErrorId, e.Column));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void A_pattern_that_keeps_timing_out_is_given_up()
    {
        var regex = SafeRegex.Create("^(?=(a+)+$)b", TimeSpan.FromMilliseconds(20));
        string text = new string('a', 60) + "!";
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < 5_000; i++)
            Assert.Equal("PatternTimeout", Assert.Throws<MappingException>(() => regex.IsMatch(text)).ErrorId);
        // Tried each time, it would be 100 seconds.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
    }

    [Fact]
    public void The_time_limit_is_on_all_matches_of_a_text_together()
    {
        var regex = SafeRegex.Create("(?=b)|a", TimeSpan.FromMilliseconds(50));
        MappingException e = Assert.Throws<MappingException>(() =>
        {
            foreach (Match _ in regex.Matches(new string('a', 3_000_000))) { }
        });
        Assert.Equal("PatternTimeout", e.ErrorId);
    }

    [Fact]
    public void One_compiled_mapping_serves_many_threads()
    {
        var mapping = CompiledMapping.Compile(SynchronizationSchema.Default);
        Parallel.For(
            0,
            2_000,
            i =>
            {
                object?[] desired = new object?[mapping.Attributes.Count];
                mapping.Map(
                    Subject.Object(mapping.Layout, ("userPrincipalName", $"u{i}"), ("preferredLanguage", i % 2 == 0 ? "de-DE" : "es")),
                    desired
                );
                Assert.Equal(($"u{i}", i % 2 == 0 ? "de" : "es"), (desired[0], desired[7]));
            }
        );
    }
}
