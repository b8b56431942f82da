using System.Globalization;
using System.Text.Json.Nodes;
using PpidWorkflow.Engine.Execution;
using Scriban;
using Scriban.Parsing;
using Scriban.Runtime;
using Scriban.Syntax;

namespace PpidWorkflow.Engine.Expressions;

/// <summary>
/// Liquid templates: text with <c>{{ Variables.Name }}</c>, <c>{{ Input.Name }}</c> and the instance's ids (the names that Elsa gives to
/// Liquid). Only plain data reaches a template, there is no include, and loops, depth, output and time are limited: a hostile template is a
/// fault of its activity. What is not there is empty, as in Elsa.
/// </summary>
internal sealed class LiquidEvaluator : IExpressionEvaluator
{
    private const int MaxLength = 20_000;
    private const int MaxOutput = 1_000_000;
    private const int MaxLoops = 10_000;

    /// <summary>What is above it stays as JavaScript has it.</summary>
    private const double MostOfDecimal = 7.9e28;

    /// <summary>A number knows how many digits it was written with.</summary>
    private static readonly ParserOptions Numbers = new() { ParseFloatAsDecimal = true };

    public string Type => "Liquid";

    public object? Compile(JsonNode? value)
    {
        var text = ValueConverter.ToText(value) ?? "";
        if (text.Length > MaxLength)
            throw new ExpressionSyntaxException($"Templat terlalu panjang (paling banyak {MaxLength} huruf).");
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var template = Template.ParseLiquid(LiquidSource.ForScriban(text), "expression", Numbers);
        if (template.HasErrors)
            throw new ExpressionSyntaxException($"Templat tidak dapat dibaca: {template.Messages[0].Message} (baris {template.Messages[0].Span.Start.Line + 1}).");
        LiquidTree.Mend(template);
        return template;
    }

    /// <summary>Nothing but blanks is nothing, as in Elsa.</summary>
    public object? Evaluate(JsonNode? value, object? compiled, ActivityExecutionContext context)
    {
        if (compiled is not Template template)
            return null;
        try
        {
            return template.Render(CreateContext(ValueConverter.ToText(value) ?? "", context));
        }
        catch (ScriptRuntimeException e) when (e.InnerException is ActivityFaultException { Code: "template-limit" } limit)
        {
            throw new ActivityFaultException(limit.Code, limit.Message);
        }
        // Scriban's own limits have no class of their own; so they begin, of loops and of calls within each other.
        catch (ScriptRuntimeException e) when (e.OriginalMessage.StartsWith("Exceeding number of", StringComparison.Ordinal))
        {
            throw new ActivityFaultException("template-limit", $"Templat dihentikan pada baris {e.Span.Start.Line + 1}: terlalu banyak putaran atau terlalu dalam.");
        }
        catch (ScriptRuntimeException e) when (!context.CancellationToken.IsCancellationRequested)
        {
            throw new ActivityFaultException("template-error", $"Templat gagal pada baris {e.Span.Start.Line + 1}.");
        }
    }

    private static LiquidContext CreateContext(string code, ActivityExecutionContext context)
    {
        var liquid = new LiquidContext(context.Now)
        {
            StrictVariables = false,
            EnableRelaxedMemberAccess = true,
            EnableRelaxedTargetAccess = true,
            EnableRelaxedIndexerAccess = true,
            EnableNullIndexer = true,
            LoopLimit = MaxLoops,
            RecursiveLimit = 50,
            ObjectRecursionLimit = 32,
            LimitToString = MaxOutput,
            OutputLimit = MaxOutput,
            OnOutputLimit = ScriptLimitBehavior.Throw,
            OnStringLimit = ScriptLimitBehavior.Throw,
            RegexTimeOut = TimeSpan.FromMilliseconds(100),
            CancellationToken = context.CancellationToken
        };
        liquid.PushCulture(CultureInfo.InvariantCulture);
        liquid.PushGlobal(Globals(code, context));
        return liquid;
    }

    private static LiquidVariables Globals(string code, ActivityExecutionContext context)
    {
        var variables = new ScriptObject();
        foreach (var name in context.VariableNames.Where(name => code.Contains(name, StringComparison.Ordinal)))
            variables[name] = ToScript(context.GetVariable(name));
        var input = new ScriptObject();
        foreach (var name in context.InputNames)
            if (code.Contains(name, StringComparison.Ordinal))
                input[name] = ToScript(context.GetWorkflowInput(name));
        var globals = new LiquidVariables
        {
            ["Variables"] = variables,
            ["Input"] = input,
            ["CorrelationId"] = context.CorrelationId,
            ["WorkflowDefinitionId"] = context.Definition.DefinitionId,
            ["WorkflowDefinitionVersionId"] = context.Definition.Id,
            ["WorkflowDefinitionVersion"] = context.Definition.Version,
            ["WorkflowInstanceId"] = context.WorkflowInstanceId
        };
        foreach (var (name, value) in context.Arguments ?? new Dictionary<string, JsonNode?>())
            globals[name] = ToScript(value);
        return globals;
    }

    /// <summary>Where a template's own variables go. What <c>capture</c> caught is a text, which filters could not tell while it is Scriban's buffer.</summary>
    private sealed class LiquidVariables : ScriptObject
    {
        public override bool TrySetValue(TemplateContext? context, SourceSpan span, string member, object? value, bool readOnly) =>
            base.TrySetValue(context, span, member, value is IScriptOutput captured ? captured.ToString() : value, readOnly);
    }

    private static object? ToScript(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                var script = new ScriptObject();
                foreach (var (name, member) in members)
                    script[name] = ToScript(member);
                return script;
            case JsonArray items:
                return new ScriptArray(items.Select(ToScript));
            default:
                var plain = ValueConverter.Plain(node);
                return plain is double real && Math.Abs(real) < MostOfDecimal ? (decimal)real : plain;
        }
    }
}
