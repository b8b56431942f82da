using PpidWorkflow.Engine.Activities.Human;
using PpidWorkflow.Engine.Catalog;
using PpidWorkflow.Engine.Expressions;

namespace PpidWorkflow.Engine.Definitions;

/// <summary>Turns definitions into runnable workflows. Thread-safe; holds the activity catalog.</summary>
public sealed class WorkflowCompiler
{
    private readonly Dictionary<string, IExpressionEvaluator> _evaluators;
    private readonly IWorkflowLibrary _library = new NoWorkflows();

    public WorkflowCompiler() : this(ActivityCatalog.Default)
    {
    }

    /// <param name="library">Definitions that others may use as activities.</param>
    public WorkflowCompiler(IWorkflowLibrary library) : this(ActivityCatalog.Default) => _library = library;

    /// <param name="catalog">Activities that definitions may use.</param>
    /// <param name="evaluators">Expression languages besides the engine's own.</param>
    public WorkflowCompiler(ActivityCatalog catalog, params IEnumerable<IExpressionEvaluator> evaluators)
    {
        Catalog = catalog;
        IExpressionEvaluator[] own =
        [
            new LiteralEvaluator(), new ObjectEvaluator("Object"), new ObjectEvaluator("Json"), new VariableEvaluator(),
            new InputEvaluator(), new OutputEvaluator(), new JavaScriptEvaluator(), new LiquidEvaluator()
        ];
        _evaluators = own.Concat(evaluators).ToDictionary(e => e.Type, StringComparer.Ordinal);
    }

    public ActivityCatalog Catalog { get; }

    /// <summary>Expression languages that definitions may use.</summary>
    public IReadOnlyCollection<string> ExpressionTypes => _evaluators.Keys;

    /// <exception cref="DefinitionInvalidException">The definition has errors; all of them are listed.</exception>
    public CompiledWorkflow Compile(WorkflowDefinition definition)
    {
        var (compiled, problems) = Examine(definition);
        var errors = problems.Where(p => p.Severity == ProblemSeverity.Error).ToArray();
        return errors.Length == 0 ? compiled : throw new DefinitionInvalidException(errors);
    }

    /// <summary>
    /// Makes a definition runnable that was checked when it was published. Today's checks are not asked: its cases must go on. What is not
    /// run here any more (a type, a language, an expression) keeps its place, and is a fault with its name where a case comes to it.
    /// </summary>
    public CompiledWorkflow Load(WorkflowDefinition definition)
    {
        var factory = new ActivityFactory(Catalog, _evaluators, _library, isStored: true);
        return Compiled(definition, factory, factory.Build(definition));
    }

    /// <summary>Everything that is wrong, errors and warnings; empty: fit to publish.</summary>
    public IReadOnlyList<DefinitionProblem> Validate(WorkflowDefinition definition) => Examine(definition).Problems;

    /// <summary>
    /// What is wrong, and the SOP steps as far as they can be read, in the order of the flow, for a definition that need not be valid.
    /// </summary>
    public (IReadOnlyList<DefinitionProblem> Problems, IReadOnlyList<SopStepOutline> SopSteps) Survey(WorkflowDefinition definition)
    {
        var (compiled, problems) = Examine(definition);
        return (problems, compiled.SopSteps);
    }

    /// <summary>
    /// Runs a script and a template once, so that the first of a case does not wait for the languages' own compilation (a third of a second
    /// and more). For a host to call once, on a thread of its own; takes about a second of a core.
    /// </summary>
    /// <returns>What they wrote.</returns>
    public static async Task<IReadOnlyList<string>> WarmUpAsync()
    {
        const string script = """
            {"definitionId":"w","version":1,"inputs":[{"name":"n","type":"Int32"}],"root":{"type":"Elsa.Sequence","id":"s","activities":[
             {"type":"Elsa.WriteLine","id":"a","text":{"typeName":"String","expression":{"type":"JavaScript","value":"[1, 2].map(n => n * getInput('n')).join('-')"} } },
             {"type":"Elsa.WriteLine","id":"b","text":{"typeName":"String","expression":{"type":"Liquid","value":"{{ Input.n | plus: 1 }}"} } }]} }
            """;
        var workflow = new WorkflowCompiler().Compile(DefinitionReader.Read(System.Text.Encoding.UTF8.GetBytes(script)));
        return (await new Execution.WorkflowRunner(new Execution.EngineOptions()).StartAsync(
            workflow, new Execution.StartOptions("w", DateTimeOffset.UnixEpoch, new Dictionary<string, System.Text.Json.Nodes.JsonNode?> { ["n"] = 3 }))).Lines;
    }

    private (CompiledWorkflow Compiled, IReadOnlyList<DefinitionProblem> Problems) Examine(WorkflowDefinition definition)
    {
        var factory = new ActivityFactory(Catalog, _evaluators, _library);
        var root = factory.Build(definition);
        var problems = new List<DefinitionProblem>(factory.Problems);
        DefinitionValidator.Check(definition, factory, Catalog, problems);
        return (Compiled(definition, factory, root), problems);
    }

    private static CompiledWorkflow Compiled(WorkflowDefinition definition, ActivityFactory factory, ActivityNode root)
    {
        var connections = factory.Nodes.Values.Select(n => n.Activity).OfType<Flowcharts.Flowchart>().SelectMany(f => f.Connections);
        return new CompiledWorkflow
        {
            Definition = definition,
            RootNode = root,
            Nodes = factory.Nodes,
            ConnectedPorts = connections.Select(c => (c.Source, c.Port)).ToHashSet(),
            Triggers = WorkflowTriggers.Of((root.Activity as Activities.ControlFlow.Workflow)?.Root),
            SopSteps = [.. FlowOrder.Of(root.Activity).OfType<SopActivity>().Select(Outline)]
        };

        SopStepOutline Outline(SopActivity step) => step.Outline(ActivityFactory.Label(factory.Nodes[step.Id]));
    }
}
