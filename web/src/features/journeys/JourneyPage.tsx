/** One journey: drawn, checked, activated, watched. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Failed, LoadingRows } from '../../ui/states';
import { graphOf } from './definition';
import { Editor } from './Editor';
import { journeyQuery, nodeTypesQuery } from './queries';

const route = getRouteApi('/journeys/$id');

export function JourneyPage() {
  const { id } = route.useParams();
  const journey = useQuery({ ...journeyQuery(id), refetchInterval: 5_000 });
  const types = useQuery(nodeTypesQuery);
  const opened = journey.data;
  // What the editor begins with; from then on, the draft in it is what counts.
  const drawing = useQuery({
    queryKey: ['drawing', id],
    queryFn: async () => opened && { graph: await graphOf(opened.definition), revision: opened.revision },
    enabled: opened !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const failed = [journey, types, drawing].find((query) => query.isError && query.data === undefined);
  if (failed !== undefined) return <Failed error={failed.error} onRetry={() => failed.refetch()} />;
  if (opened === undefined || types.data === undefined || !drawing.data) return <LoadingRows />;
  return <Editor key={id} journey={opened} drawing={drawing.data} types={types.data.node_types} />;
}
